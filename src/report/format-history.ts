import type { HistoryRun, TargetHistory } from "../core/history.ts";
import { formatBytes, formatCount, formatDuration } from "../core/quantities.ts";
import { formatTable } from "./table.ts";

/** Runs for people, a line each, then what they come to in each target. */
export function formatHistory(history: {
  readonly runs: readonly HistoryRun[];
  readonly targets: readonly TargetHistory[];
}): string {
  const { runs, targets } = history;
  const reasons = runs.flatMap((run) =>
    run.state === "complete" || run.summary === undefined ? [] : [`  ${nameOf(run)}: ${run.summary}`],
  );
  return [
    runs.length === 0 ? "There is no run" : runTable(runs),
    ...(reasons.length === 0 ? [] : ["", ...reasons]),
    ...(targets.length === 0 ? [] : ["", targetTable(targets)]),
  ].join("\n");
}

/** What a reason belongs to in the table above it. */
function nameOf({ kind, backup, startedAt }: HistoryRun): string {
  if (kind === "backup") return backup;
  return `${kind} ${backup === "" ? `of ${secondOf(startedAt)}` : backup}`;
}

function secondOf(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

const right = { align: "right" } as const;

function runTable(runs: readonly HistoryRun[]): string {
  const columns = [
    { title: "STARTED" },
    { title: "KIND" },
    { title: "POLICY" },
    { title: "STATE" },
    { title: "EXIT", ...right },
    { title: "TOOK", ...right },
    { title: "ROWS", ...right },
    { title: "BYTES", ...right },
    { title: "BACKUP" },
  ];
  return formatTable(
    columns,
    runs.map((run) => [
      secondOf(run.startedAt),
      run.kind,
      run.policy ?? "",
      run.state,
      run.exitStatus === undefined ? "" : String(run.exitStatus),
      run.finishedAt === undefined ? "" : formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)),
      run.rows === undefined || !isOfRows(run) ? "" : formatCount(run.rows),
      isOfRows(run) ? formatBytes(run.bytes) : "",
      run.backup,
    ]),
  );
}

/** Others bring none anywhere. */
function isOfRows({ kind }: HistoryRun): boolean {
  return kind === "backup" || kind === "copy" || kind === "restore";
}

function targetTable(targets: readonly TargetHistory[]): string {
  const columns = [
    { title: "POLICY" },
    { title: "TARGET" },
    { title: "COMPLETE", ...right },
    { title: "SUCCESS", ...right },
    { title: "RPO LONGEST", ...right },
    { title: "RPO NOW", ...right },
    { title: "RTO NEWEST", ...right },
    { title: "RTO WORST", ...right },
  ];
  return formatTable(
    columns,
    targets.map(({ policy, target, runs, complete, successRate, rpo, rto }) => [
      policy,
      target,
      `${formatCount(complete)} of ${formatCount(runs)}`,
      successRate === undefined ? "" : `${(successRate * 100).toFixed(1)}%`,
      formatSeconds(rpo?.longestSeconds),
      formatSeconds(rpo?.currentSeconds),
      formatSeconds(rto?.newestSeconds),
      formatSeconds(rto?.worstSeconds),
    ]),
  );
}

function formatSeconds(seconds: number | undefined): string {
  return seconds === undefined ? "" : formatDuration(seconds * 1000);
}
