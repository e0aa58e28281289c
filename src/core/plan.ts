import type { CheckLevel, CheckPart } from "./check-level.ts";
import type { CollectionName } from "./collection-name.ts";
import type { PlannedGcPause } from "./gc-pause.ts";
import type { Schedule } from "./contracts/schedule.ts";
import type { PlannedHook } from "./hook-plan.ts";

/** What will be done and why, as JSON. Steps are carried out in order; neighbours of one kind run side by side. */
export interface Plan {
  readonly version: 1;
  readonly action: "backup" | "copy" | "restore" | "verify" | "delete" | "prune" | "gc";
  /** The backup that is made, copied, restored, verified or deleted; of a prune and a gc "", since their steps name theirs. */
  readonly backup: string;
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  /** Where it is written, copied to, restored from or deleted; further targets have steps of their own. */
  readonly target: string;
  readonly steps: readonly Step[];
  /** Of a backup: what its patterns matched, and what they left out. */
  readonly selection?: SelectionOutcome | undefined;
  /** Of all steps together; absent when nobody asked the source. */
  readonly estimate?: Estimate | undefined;
  /** What runs around the steps; absent when nothing does. */
  readonly hooks?: readonly PlannedHook[] | undefined;
  /** Of a backup: the pause of Milvus's garbage collection; absent where none is wanted. */
  readonly gc?: PlannedGcPause | undefined;
  /** Of a look at what a policy would do: when it is due next; absent where it has no schedule. */
  readonly schedule?: PlannedSchedule | undefined;
  /** What a person should know before they say yes. */
  readonly warnings: readonly string[];
}

export interface PlannedSchedule extends Pick<Schedule, "cron" | "timezone" | "overlap"> {
  /** ISO 8601, UTC. */
  readonly next: string;
}

export interface SelectionOutcome {
  readonly patterns: readonly PatternOutcome[];
  readonly leftOut: readonly { readonly collection: CollectionName; readonly why: string }[];
}

export interface PatternOutcome {
  readonly kind: "include" | "exclude";
  readonly pattern: string;
  /** Collections that it matches, whether it decided or not. */
  readonly matches: number;
}

/** About how much it is. */
export interface Estimate {
  readonly rows: number;
  readonly bytes: number;
  /** Reads and writes of objects; fewer where a store copies by itself. */
  readonly requests: number;
}

interface StepBase {
  /** Unique within the plan. */
  readonly id: string;
  readonly why: string;
}

/** Makes the backup's directory known before anything is copied into it. */
export interface BeginStep extends StepBase {
  readonly kind: "begin-backup";
}

export interface BackUpCollectionStep extends StepBase {
  readonly kind: "back-up-collection";
  readonly collection: CollectionName;
  /** Decimal; absent when the source does not have it. */
  readonly collectionId?: string | undefined;
  /** Named as it is in the policy: a collection that is gone is then missing, not dropped. */
  readonly isNamed: boolean;
  /** Globs on the names of its partitions; absent when it is taken whole. */
  readonly partitions?: readonly string[] | undefined;
  /** sha256, hex, of its schema when it was planned; absent, like the estimate, when nobody asked the source. */
  readonly schema?: string | undefined;
  readonly estimate?: Estimate | undefined;
}

/** Writes the meta files in the order that makes the backup one. */
export interface CommitStep extends StepBase {
  readonly kind: "commit-backup";
}

/** Brings the backup from the target that has it into another one. */
export interface CopyBackupStep extends StepBase {
  readonly kind: "copy-backup";
  /** The other target's name. */
  readonly target: string;
  readonly estimate?: Estimate | undefined;
}

/** Brings an earlier backup of the policy into a target that missed it. */
export interface CatchUpStep extends StepBase {
  readonly kind: "catch-up";
  readonly backup: string;
  /** The target that has it. */
  readonly from: string;
  readonly target: string;
}

export interface CreateDatabaseStep extends StepBase {
  readonly kind: "create-database";
  readonly database: string;
  /** The database of the backup whose properties it gets. */
  readonly like: string;
}

export type ConflictPolicy = "fail" | "skip" | "replace" | "append";

export interface RestoreCollectionStep extends StepBase {
  readonly kind: "restore-collection";
  /** Decimal. */
  readonly collectionId: string;
  readonly from: CollectionName;
  readonly to: CollectionName;
  readonly mode: "create" | "replace" | "append";
  /** Where Milvus reads the files: the backup itself, or a temporary copy in its own storage. */
  readonly files: "in-place" | "copied";
  readonly rows: number;
  readonly bytes: number;
}

export interface DeleteBackupStep extends StepBase {
  readonly kind: "delete-backup";
  readonly backup: string;
}

/** Deletes in one target what the policy's retention does not keep, once the backup is there whole. */
export interface PruneStep extends StepBase {
  readonly kind: "prune";
  readonly target: string;
}

/** Deletes what a pass of garbage collection found to be nobody's. */
export interface CollectGarbageStep extends StepBase {
  readonly kind: "collect-garbage";
  /** A directory with its slash, or an object. */
  readonly place: string;
  /** The source in whose storage it is; in the target when absent. */
  readonly source?: string | undefined;
  readonly objects: number;
  readonly bytes: number;
}

/** Looks at a backup where it is kept; a check that finds damage fails. */
export interface CheckStep extends StepBase {
  readonly kind: "check";
  readonly backup: string;
  readonly target: string;
  readonly level: CheckLevel;
  /** The share of the objects whose bytes are read; absent for all. */
  readonly part?: CheckPart | undefined;
  /** The source that a spot check compares with, or that a drill restores into. */
  readonly source?: string | undefined;
  /** What the name of a drill's database begins with. */
  readonly database?: string | undefined;
  /** What is missing or damaged is written anew, from where it still is; absent for a look alone. */
  readonly repair?: true | undefined;
}

export type Step =
  | BeginStep
  | BackUpCollectionStep
  | CommitStep
  | CatchUpStep
  | CopyBackupStep
  | CreateDatabaseStep
  | RestoreCollectionStep
  | CheckStep
  | PruneStep
  | CollectGarbageStep
  | DeleteBackupStep;

export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;

/** Neighbouring steps of one kind, which may run at the same time. */
export function stagesOf(steps: readonly Step[]): readonly (readonly [Step, ...Step[]])[] {
  const stages: [Step, ...Step[]][] = [];
  for (const step of steps) {
    const last = stages.at(-1);
    if (last?.[0].kind === step.kind) last.push(step);
    else stages.push([step]);
  }
  return stages;
}
