import type { RunSummary } from "../core/run-summary.ts";
import { formatTable } from "./table.ts";

/** Several policies for people: a line each, and the sum of it last. Of each that is not complete what its report says in a sentence. */
export function formatSummary({ policies, summary }: RunSummary): string {
  const columns = [
    { title: "EXIT", align: "right" as const },
    { title: "STATE" },
    { title: "POLICY" },
    { title: "BACKUP" },
  ];
  const rows = policies.map(({ exitStatus, state, policy, backup = "" }) => [
    String(exitStatus),
    state,
    policy,
    backup,
  ]);
  const reasons = policies.flatMap(({ state, policy, summary: reason }) =>
    state === "complete" ? [] : [`${policy}: ${reason}`],
  );
  return [formatTable(columns, rows), "", ...reasons, summary].join("\n");
}
