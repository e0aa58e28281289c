import type { RetentionConfig } from "./retention.ts";

export interface TargetConfig<StorageName extends string = string> {
  /** The storage that the backups are written to. */
  readonly storage: StorageName;
  /** Below the storage's own prefix. */
  readonly prefix?: string | undefined;
  /** Of this target, in place of the policy's. */
  readonly retention?: RetentionConfig | undefined;
}

export interface Target {
  readonly storage: string;
  /** Below the storage's own prefix; "" for none. */
  readonly prefix: string;
  /** Of a resolved policy: its own, or the policy's; absent where nothing is pruned. */
  readonly retention?: RetentionConfig | undefined;
}
