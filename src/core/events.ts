import type { CheckOutcome } from "./check-outcome.ts";
import type { ErrorCode, ExitStatus } from "./errors.ts";
import type { GarbageSummary } from "./gc-plan.ts";
import type { Plan, StepKind } from "./plan.ts";
import type { PruneDecision } from "./prune-plan.ts";
import type { CollectionName } from "./collection-name.ts";
import type { HookErrorPolicy, HookMoment, HookScope, HookState } from "./contracts/hooks.ts";

/** An error as an event carries it: no stack, no secret. */
export interface EventError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

export type CollectionState = "complete" | "failed" | "missing" | "dropped";

/** What became of one collection. */
export interface CollectionOutcome {
  readonly collection: CollectionName;
  /** Where it was restored to; absent for a backup. */
  readonly restoredTo?: CollectionName | undefined;
  readonly state: CollectionState;
  /** Of a backup: rows written, the deleted ones included. Of a restore: rows expected. */
  readonly rows: number;
  /** Of a restore: rows that Milvus reports afterwards. */
  readonly rowsFound?: number | undefined;
  readonly segments: number;
  readonly objects: number;
  readonly bytes: number;
  /** Why it is not complete, or what was not brought back. */
  readonly error?: EventError | undefined;
  readonly notes: readonly string[];
}

/** How one hook ended. */
export interface FinishedHook {
  readonly name: string;
  readonly scope: HookScope;
  readonly on: HookMoment;
  /** In the scope collection. */
  readonly collection?: CollectionName | undefined;
  readonly state: HookState;
  /** What a failure means; warn for a finally hook. */
  readonly onError: HookErrorPolicy;
  readonly attempts: number;
  readonly ms: number;
  /** The end of what it printed, secrets masked. */
  readonly output?: string | undefined;
  readonly error?: EventError | undefined;
}

/** What has become of the pause of Milvus's garbage collection. */
export interface GcChange {
  /** left: it could not be ended, and ends by itself. */
  readonly state: "paused" | "not-paused" | "lapsed" | "released" | "left";
  /** When it ends by itself; ISO 8601, UTC. */
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
}

/** What became of the backup in one target of several. */
export interface TargetOutcome {
  readonly name: string;
  readonly state: TargetState;
  /** Of the backup's payload there; 0 when it is no backup. */
  readonly objects: number;
  readonly bytes: number;
  /** Why it is not there whole. */
  readonly error?: EventError | undefined;
}

/** How a backup can end in a target. */
export type TargetState = "complete" | "partial" | "failed" | "interrupted";

interface Stamp {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly runId: string;
}

export type StepStatus = "done" | "failed";

export type BackupEvent = Stamp &
  (
    | { readonly type: "run.started"; readonly version: 1; readonly action: Plan["action"] }
    | { readonly type: "plan.made"; readonly plan: Plan }
    | { readonly type: "step.started"; readonly step: string; readonly kind: StepKind }
    | {
        readonly type: "step.progress";
        readonly step: string;
        readonly phase: string;
        readonly done: number;
        readonly total: number;
        readonly unit: "bytes" | "rows" | "objects";
      }
    | {
        readonly type: "step.finished";
        readonly step: string;
        readonly status: StepStatus;
        readonly ms: number;
        readonly error?: EventError | undefined;
      }
    | ({ readonly type: "collection.finished" } & CollectionOutcome)
    | ({ readonly type: "hook.finished" } & FinishedHook)
    | ({ readonly type: "gc.changed" } & GcChange)
    | { readonly type: "notice"; readonly message: string }
    | { readonly type: "backup.committed"; readonly backup: string; readonly state: "complete" | "partial" }
    | ({ readonly type: "target.finished" } & TargetOutcome)
    | ({ readonly type: "check.finished" } & CheckOutcome)
    | ({ readonly type: "prune.decided" } & PruneDecision)
    | { readonly type: "backup.deleted"; readonly backup: string; readonly target: string; readonly objects: number }
    | ({ readonly type: "garbage.decided" } & GarbageSummary)
    | {
        readonly type: "garbage.deleted";
        readonly target: string;
        readonly place: string;
        readonly source?: string | undefined;
        readonly objects: number;
        readonly bytes: number;
      }
    | { readonly type: "run.finished"; readonly exitStatus: ExitStatus; readonly summary: string }
  );

/** An event before the run stamps it. */
export type EventBody = BackupEvent extends infer E ? (E extends Stamp ? Omit<E, keyof Stamp> : never) : never;
