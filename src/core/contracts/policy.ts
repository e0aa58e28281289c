import type { CheckConfig, CheckRule } from "./checks.ts";
import type { Hook, HookConfig } from "./hooks.ts";
import type { Limits, LimitsConfig } from "./limits.ts";
import type { RetentionConfig } from "./retention.ts";
import type { Schedule, ScheduleConfig } from "./schedule.ts";
import type { SelectConfig, Selection } from "./selection.ts";
import type { EncryptionConfig, Target, TargetConfig } from "./target.ts";

/** flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows. */
export type Consistency = "flush" | "skip-flush" | "meta-only";

/** require: no backup without a pause. prefer: a warning where it cannot be paused. off: nothing is asked. */
export type GcMode = "require" | "prefer" | "off";

/** Files or packages; of several, later ones win. */
export type Extends = string | readonly string[];

/** A policy with everything that it needs, whatever of it is inherited. */
export interface PolicyConfig<SourceName extends string = string, StorageName extends string = string> {
  /** What this inherits: files, whose paths from here begin with ./ or ../, or packages; later ones win, this file over all. */
  readonly extends?: Extends | undefined;
  /** The source that is backed up. */
  readonly source: SourceName;
  /** Where backups are kept: the first that can be reached is written, and copied to the others. */
  readonly targets: readonly TargetConfig<StorageName>[];
  /** How long backups are kept; when absent, until somebody deletes them. */
  readonly retention?: RetentionConfig | undefined;
  /** When it is due, for what starts it and for status: docs/scheduling.md. */
  readonly schedule?: ScheduleConfig | undefined;
  /** Which collections are backed up; all of them when absent. */
  readonly select?: SelectConfig | undefined;
  /** flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows. When absent: flush. */
  readonly consistency?: Consistency | undefined;
  /** Pausing Milvus's garbage collection while it is copied. require: or no backup. prefer: or a warning. off: not asked. When absent: prefer where the source has management. */
  readonly gc?: GcMode | undefined;
  /** Over the config's. */
  readonly limits?: LimitsConfig | undefined;
  /** What runs before and after: docs/hooks.md. */
  readonly hooks?: readonly HookConfig[] | undefined;
  /** What is looked at again of its backups, when it is due: docs/verification.md. */
  readonly checks?: readonly CheckConfig<SourceName>[] | undefined;
  /** Backups are encrypted, and only who has an identity can read them; the Go tool cannot: docs/encryption.md. */
  readonly encryption?: EncryptionConfig | undefined;
}

/** A policy, resolved: its names exist in the config. */
export interface Policy {
  readonly name: string;
  readonly source: string;
  readonly targets: readonly [Target, ...Target[]];
  readonly schedule?: Schedule | undefined;
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly gc: GcMode;
  readonly encryption?: EncryptionConfig | undefined;
  readonly limits: Limits;
  readonly hooks: readonly Hook[];
  readonly checks: readonly CheckRule[];
  /** sha256, hex, of what decides a backup: this policy with its hooks, its source, the storages. Not limits, checks, schedule or credentials. */
  readonly digest: string;
}
