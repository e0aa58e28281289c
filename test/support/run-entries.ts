import type { RunEntry } from "../../src/core/run-entry.ts";

/** The record of a run of nightly that began at this time and was complete in nas, unless it is told otherwise. */
export function runEntry(startedAt: string, more: Partial<RunEntry> = {}): RunEntry {
  const stamp = startedAt.replaceAll(/[-:]|\.\d+Z/g, "").replace("T", "_");
  const { state = "complete" } = more;
  return {
    formatVersion: 1,
    runId: `${stamp}_0a0b0c0d`,
    action: "backup",
    policy: "nightly",
    source: "prod",
    backup: `nightly_${stamp}`,
    startedAt,
    finishedAt: new Date(Date.parse(startedAt) + 60_000).toISOString(),
    state,
    exitStatus: 0,
    collections: { all: 1, complete: 1 },
    rows: 10,
    bytes: 1000,
    targets: state === "skipped" ? [] : [{ name: "nas", state }],
    checks: [],
    errors: [],
    summary: "a sentence",
    ...more,
  };
}
