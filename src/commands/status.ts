import type { LoadedConfig } from "../config/load-config.ts";
import { DURATION_FORM, findDurationMs } from "../core/duration.ts";
import { BackupError, EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { formatDuration } from "../core/quantities.ts";
import type { TargetStatus } from "../core/status.ts";
import { formatInZone } from "../core/zoned-time.ts";
import { formatLocks } from "../report/format-locks.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";

export const status: Command = defineCommand({
  name: "status",
  summary: "How old the newest backup of each policy is, and whether one is overdue",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "All policies, when none is named. Exit status 5 when a target has no complete backup of the policy, when none began since it",
    "was due last by its schedule and its grace is over, or with --max-age when none is young enough, whatever the schedule says;",
    "and when a check of the policy was not passed for twice as long as it may. 4 when a check found a backup damaged and nothing",
    "has healed it; 14 or what else keeps a target from being looked at. Made for monitoring: one line a target, or --json.",
  ].join("\n"),
  options: {
    "max-age": {
      type: "string",
      value: "DURATION",
      summary: `What is older is overdue, in place of the schedule: ${DURATION_FORM}`,
    },
    locks: { type: "boolean", summary: "Show who has locked these targets instead: holder, host, process, age" },
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
    { command: "milvus-backup status nightly --locks", does: "Who is there now" },
  ],
  async run(deps, { names, options }) {
    const maxAgeMs = readMaxAge(options["max-age"]);
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { showStatus } = await import("./show-status.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const isAsked = names.length > 0 || options.all === true || options.group !== undefined;
    const policies = choosePolicies(config, { names, options: isAsked ? options : { all: true } });
    if (options.locks) return await printLocks(deps, { config, policies, options });
    const statuses = await showStatus(config, { policies, maxAgeMs }, deps);
    deps.print(options.json ? JSON.stringify(statuses) : toText(statuses));
    return worstStatus(statuses.flatMap(exitStatusesOf));
  },
});

interface Locks {
  readonly config: LoadedConfig;
  readonly policies: readonly string[];
  readonly options: { readonly json?: boolean };
}

async function printLocks(deps: CommandDeps, { config, policies, options }: Locks): Promise<ExitStatus> {
  const { showLocks } = await import("./show-locks.ts");
  const { locks, failures } = await showLocks(config, policies, deps);
  deps.print(options.json ? JSON.stringify(locks) : formatLocks(locks));
  return worstStatus(failures.map(({ target, error }) => deps.fail(error, { target })));
}

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = findDurationMs(text);
  if (ms !== undefined) return ms;
  throw new BackupError("usage", `Cannot use --max-age ${text}`, { hint: `expected ${DURATION_FORM}` });
}

function exitStatusesOf({ state, damaged, error, overdueChecks = [] }: TargetStatus): readonly ExitStatus[] {
  return [
    ...(error === undefined ? [] : [EXIT_STATUS[error.code]]),
    ...(state === "overdue" || state === "never" ? [EXIT_STATUS.overdue] : []),
    ...(overdueChecks.length > 0 ? [EXIT_STATUS.overdue] : []),
    ...(damaged.length > 0 ? [EXIT_STATUS.damaged] : []),
  ];
}

function toText(statuses: readonly TargetStatus[]): string {
  const isTimed = statuses.some(({ schedule }) => schedule !== undefined);
  const titles = [
    "POLICY",
    "TARGET",
    "STATE",
    "LAST COMPLETE",
    "AGE",
    "CHECKED",
    ...(isTimed ? ["DUE NEXT"] : []),
    "NOTES",
  ];
  const columns = titles.map((title) => ({ title }));
  const rows = statuses.map((one) => [
    one.policy,
    one.target,
    one.state,
    one.last?.name ?? "",
    one.last === undefined ? "" : formatDuration(one.last.ageMs),
    one.last?.verified === undefined ? "" : `${one.last.verified.level} ${one.last.verified.at.slice(0, 10)}`,
    ...(isTimed ? [one.schedule === undefined ? "" : formatInZone(one.schedule.next, one.schedule.timezone)] : []),
    notesOf(one).join("; "),
  ]);
  return formatTable(columns, rows);
}

function notesOf(one: TargetStatus): readonly string[] {
  const { since, damaged, error, lastRun, unverified, overdueChecks = [], unhealed = [] } = one;
  const [newest] = since;
  const hasFailed = lastRun !== undefined && lastRun.state !== "complete";
  return [
    ...(error === undefined ? [] : [error.message]),
    ...(newest === undefined ? [] : [`since then: ${newest.name} is ${newest.state}`]),
    ...(hasFailed
      ? [`the last run, ${formatInZone(lastRun.startedAt, "UTC")}, was ${lastRun.state} (exit ${lastRun.exitStatus})`]
      : []),
    ...(unverified ? ["not verified yet"] : []),
    ...overdueChecks,
    ...(damaged.length === 0 ? [] : [`damaged: ${damaged.join(", ")}`]),
    ...unhealed,
  ];
}
