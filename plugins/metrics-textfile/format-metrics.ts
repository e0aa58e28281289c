import type { RunReport } from "../../src/plugin.ts";

const STATES: readonly RunReport["state"][] = ["complete", "partial", "failed", "interrupted", "skipped"];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly value: number;
}

/** The text that Prometheus reads: gauges with the policy, the action and the target as labels. */
export function formatMetrics(report: RunReport, { lastSuccess }: { readonly lastSuccess: number }): string {
  const labels = toLabels({ policy: report.policy ?? "", action: report.action, target: report.target });
  const metrics = metricsOf(report, lastSuccess).flatMap(({ name, help, value }) => [
    ...headOf(name, help),
    `milvus_backup_${name}{${labels}} ${value}`,
  ]);
  const states = STATES.map(
    (state) => `milvus_backup_last_run_state{${labels},state="${state}"} ${report.state === state ? 1 : 0}`,
  );
  return `${[...metrics, ...headOf("last_run_state", "1 for the state of the last run, 0 for the others"), ...states].join("\n")}\n`;
}

function metricsOf(report: RunReport, lastSuccess: number): readonly Metric[] {
  const { startedAt, finishedAt, collections, exitStatus, warnings } = report;
  const complete = collections.filter(({ state }) => state === "complete");
  const [started, finished] = [Date.parse(startedAt) / 1000, Date.parse(finishedAt) / 1000];
  return [
    { name: "last_run_timestamp_seconds", help: "When the last run ended", value: finished },
    { name: "last_success_timestamp_seconds", help: "When a run last was complete, 0 for never", value: lastSuccess },
    { name: "last_run_duration_seconds", help: "How long the last run took", value: round(finished - started) },
    { name: "last_run_exit_status", help: "The exit status of the last run", value: exitStatus },
    { name: "last_run_collections", help: "Collections of the last run", value: collections.length },
    { name: "last_run_collections_complete", help: "Collections that are whole", value: complete.length },
    { name: "last_run_rows", help: "Rows of these", value: sum(complete.map(({ rows }) => rows)) },
    { name: "last_run_bytes", help: "Bytes of these", value: sum(complete.map(({ bytes }) => bytes)) },
    { name: "last_run_warnings", help: "Warnings of the last run", value: warnings.length },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function headOf(name: string, help: string): readonly string[] {
  return [`# HELP milvus_backup_${name} ${help}`, `# TYPE milvus_backup_${name} gauge`];
}

function toLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(",");
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Milliseconds are known; what binary fractions add is noise. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
