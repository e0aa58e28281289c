import type { Plan } from "../core/plan.ts";
import { formatTable } from "./table.ts";

/** A plan for people: every step in order, with its reason. */
export function formatPlan(plan: Plan): string {
  const title = [
    `${plan.action} ${plan.backup}`,
    plan.policy === undefined ? "" : `policy ${plan.policy}`,
    plan.source === undefined ? "" : `source ${plan.source}`,
    `target ${plan.target}`,
  ].filter((part) => part !== "");
  const rows = plan.steps.map(({ kind, id, why }, index) => [String(index + 1), kind, id, why]);
  const columns = [{ title: "#", align: "right" as const }, { title: "STEP" }, { title: "ON" }, { title: "WHY" }];
  return [
    title.join(", "),
    "",
    formatTable(columns, rows),
    ...hookLines(plan),
    ...plan.warnings.map((warning) => `warning: ${warning}`),
  ].join("\n");
}

function hookLines({ hooks = [] }: Plan): readonly string[] {
  if (hooks.length === 0) return [];
  const columns = [{ title: "HOOK" }, { title: "RUNS" }, { title: "BY" }, { title: "WHY" }];
  const rows = hooks.map(({ name, on, scope, use, why }) => [name, `${on} ${scope}`, use, why]);
  return ["", formatTable(columns, rows)];
}
