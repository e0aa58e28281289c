import type { LockBody } from "../../src/format/lock.ts";

/** What the locks of a run of nobody's say, on a machine that is not this one. */
export function lockOwner(runId: string, more: Partial<LockBody> = {}): LockBody {
  return { runId, kind: "backup", host: "h1", pid: 7, startedAt: "2026-01-01T00:00:00.000Z", ...more };
}
