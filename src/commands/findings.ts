import { EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { formatTable } from "../report/table.ts";

/** That of the worst finding. */
export function statusOf(findings: readonly Finding[]): ExitStatus {
  return worstStatus(findings.flatMap(({ code }) => (code === undefined ? [] : [EXIT_STATUS[code]])));
}

/** A table for people, with what to change below it. */
export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.map(({ subject, check: name, status, message }) => [status, subject, name, message]);
  const hints = findings.flatMap(({ subject, hint }) => (hint === undefined ? [] : [`${subject}: ${hint}`]));
  const table = formatTable([{ title: "STATUS" }, { title: "OF" }, { title: "CHECK" }, { title: "FOUND" }], rows);
  return [table, ...(hints.length > 0 ? ["", "What to change:", ...hints.map((hint) => `  ${hint}`)] : [])].join("\n");
}
