/** What a run reports, complete unless it is said otherwise. */
import type { CollectionOutcome } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";

export function collectionOutcome(given: Partial<CollectionOutcome> = {}): CollectionOutcome {
  const collection = { database: "d", name: "a" };
  return { collection, state: "complete", rows: 5, segments: 1, objects: 4, bytes: 100, notes: [], ...given };
}

/** Of a backup b1 in the target nas. */
export function runReport(given: Partial<RunReport> = {}): RunReport {
  return {
    version: 1,
    runId: "r1",
    action: "backup",
    backup: "b1",
    target: "nas",
    state: "complete",
    exitStatus: 0,
    startedAt: "2026-11-27T02:00:00.000Z",
    finishedAt: "2026-11-27T02:00:01.000Z",
    collections: [collectionOutcome()],
    errors: [],
    warnings: [],
    summary: "Backup b1 is complete",
    ...given,
  };
}
