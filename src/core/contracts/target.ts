import type { RetentionConfig } from "./retention.ts";

export interface EncryptionConfig {
  /** Public keys of age, `age1…`: the holder of the identity of any of them can restore. */
  readonly recipients: readonly string[];
}

export interface TargetConfig<StorageName extends string = string> {
  /** The storage that the backups are written to. */
  readonly storage: StorageName;
  /** Below the storage's own prefix. */
  readonly prefix?: string | undefined;
  /** Of this target, in place of the policy's. */
  readonly retention?: RetentionConfig | undefined;
  /** Of this target, in place of the policy's; false for none. Copies never decrypt: such a target stands first. */
  readonly encryption?: EncryptionConfig | false | undefined;
}

export interface Target {
  readonly storage: string;
  /** Below the storage's own prefix; "" for none. */
  readonly prefix: string;
  /** Of a resolved policy: its own, or the policy's; absent where nothing is pruned. */
  readonly retention?: RetentionConfig | undefined;
  /** Its own, in place of the policy's. */
  readonly encryption?: EncryptionConfig | false | undefined;
}
