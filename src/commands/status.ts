import { DURATION_FORM, findDurationMs } from "../core/duration.ts";
import { BackupError, EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { formatDuration } from "../core/quantities.ts";
import type { TargetStatus } from "../core/status.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";

export const status: Command = defineCommand({
  name: "status",
  summary: "How old the newest backup of each policy is, in each of its targets",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "All policies, when none is named. Exit status 5 when a target has no complete backup of the policy or, with --max-age,",
    "none that is young enough; 4 when a check found a backup damaged and nothing has healed it; 14 or what else keeps a",
    "target from being looked at. Made for monitoring: one line a target, or --json.",
  ].join("\n"),
  options: {
    "max-age": { type: "string", value: "DURATION", summary: `What is older is overdue: ${DURATION_FORM}` },
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup status", does: "Every policy" },
    {
      command: "milvus-backup status nightly --max-age 26h",
      does: "From a monitor: fails when last night's is missing",
    },
  ],
  async run(deps, { names, options }) {
    const maxAgeMs = readMaxAge(options["max-age"]);
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { showStatus } = await import("./show-status.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const isAsked = names.length > 0 || options.all === true || options.group !== undefined;
    const policies = choosePolicies(config, { names, options: isAsked ? options : { all: true } });
    const statuses = await showStatus(config, { policies, maxAgeMs }, deps);
    deps.print(options.json ? JSON.stringify(statuses) : toText(statuses));
    return worstStatus(statuses.flatMap(exitStatusesOf));
  },
});

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = findDurationMs(text);
  if (ms !== undefined) return ms;
  throw new BackupError("usage", `Cannot use --max-age ${text}`, { hint: `expected ${DURATION_FORM}` });
}

function exitStatusesOf({ state, damaged, error }: TargetStatus): readonly ExitStatus[] {
  return [
    ...(error === undefined ? [] : [EXIT_STATUS[error.code]]),
    ...(state === "overdue" || state === "never" ? [EXIT_STATUS.overdue] : []),
    ...(damaged.length > 0 ? [EXIT_STATUS.damaged] : []),
  ];
}

function toText(statuses: readonly TargetStatus[]): string {
  const columns = ["POLICY", "TARGET", "STATE", "LAST COMPLETE", "AGE", "CHECKED", "NOTES"].map((title) => ({ title }));
  const rows = statuses.map((one) => [
    one.policy,
    one.target,
    one.state,
    one.last?.name ?? "",
    one.last === undefined ? "" : formatDuration(one.last.ageMs),
    one.last?.verified === undefined ? "" : `${one.last.verified.level} ${one.last.verified.at.slice(0, 10)}`,
    notesOf(one).join("; "),
  ]);
  return formatTable(columns, rows);
}

function notesOf({ since, damaged, error }: TargetStatus): readonly string[] {
  const [newest] = since;
  return [
    ...(error === undefined ? [] : [error.message]),
    ...(newest === undefined ? [] : [`since then: ${newest.name} is ${newest.state}`]),
    ...(damaged.length === 0 ? [] : [`damaged: ${damaged.join(", ")}`]),
  ];
}
