/** The library's entry: what the command line does, for programs. Nothing here prints. */
import type { BackupDetails } from "./commands/get-backup.ts";
import { callAs } from "./commands/library-caller.ts";
import type { ListedBackup } from "./commands/list-backups.ts";
import type { Config, ConfigPart, Extending, PolicyOf } from "./core/contracts/config.ts";
import type { PolicyConfig } from "./core/contracts/policy.ts";
import type {
  CopyBackupOptions,
  CreateBackupOptions,
  DeleteBackupOptions,
  GetBackupOptions,
  ListBackupsOptions,
  RestoreBackupOptions,
  RunPolicyOptions,
  VerifyBackupOptions,
} from "./core/contracts/library.ts";
import type { Plan } from "./core/plan.ts";
import type { RunReport } from "./core/report.ts";

export type { BackupEntry, BackupState } from "./catalog/entry.ts";
export type { BackupDetails } from "./commands/get-backup.ts";
export type { CollectedTarget } from "./commands/collect-garbage.ts";
export type { ListedBackup } from "./commands/list-backups.ts";
export type { PinnedBackup, Pinning } from "./commands/pin-backup.ts";
export type { PrunedTarget } from "./commands/prune-backups.ts";
export type { RewrappedBackup } from "./commands/rewrap-backup.ts";
export type { Unlocking } from "./commands/unlock-target.ts";
export {
  collectGarbage,
  pinBackup,
  pruneBackups,
  rewrapBackup,
  unlockTarget,
  unpinBackup,
} from "./commands/library-upkeep.ts";
export type { CheckLevel, CheckPart } from "./core/check-level.ts";
export type { CheckOutcome, Damage } from "./core/check-outcome.ts";
export type { CollectionName } from "./core/collection-name.ts";
export type { Auth, ProvidedSecret, Secret } from "./core/contracts/secret.ts";
export type {
  Config,
  ConfigPart,
  Extending,
  Part,
  PluginConfig,
  PolicyOf,
  PolicyPart,
} from "./core/contracts/config.ts";
export type { Consistency, Extends, GcMode, PolicyConfig } from "./core/contracts/policy.ts";
export type { LimitsConfig } from "./core/contracts/limits.ts";
export type { ManagementConfig, SourceConfig, TlsConfig } from "./core/contracts/source.ts";
export type { SelectConfig, WhereConfig } from "./core/contracts/selection.ts";
export type { StorageConfig } from "./core/contracts/storage-settings.ts";
export type { TargetConfig } from "./core/contracts/target.ts";
export type {
  HookAction,
  HookCallConfig,
  HookConfig,
  HookErrorPolicy,
  HookMoment,
  HookOutcomeState,
  HookScope,
  HookState,
} from "./core/contracts/hooks.ts";
export type {
  AliasChoice,
  CallOptions,
  CollectGarbageOptions,
  CollectionSummary,
  CopyBackupOptions,
  CreateBackupOptions,
  DeleteBackupOptions,
  GetBackupOptions,
  IdentityOptions,
  IndexChoice,
  ListBackupsOptions,
  PinBackupOptions,
  PruneBackupsOptions,
  RestoreBackupOptions,
  RewrapBackupOptions,
  RunOptions,
  RunPolicyOptions,
  SourceChoice,
  TargetChoice,
  UnlockTargetOptions,
  UnpinBackupOptions,
  VerifyBackupOptions,
} from "./core/contracts/library.ts";
export { BackupError, EXIT_STATUS, isBackupError } from "./core/errors.ts";
export type { BackupErrorOptions, ErrorCode, ExitStatus } from "./core/errors.ts";
export type {
  BackupEvent,
  CollectionOutcome,
  CollectionState,
  EventError,
  FinishedHook,
  StepStatus,
  TargetOutcome,
  TargetState,
} from "./core/events.ts";
export type { GarbageKind, LeftAlone } from "./core/garbage.ts";
export type { GarbageGroup, GarbageOutcome, GarbageSummary } from "./core/gc-plan.ts";
export type { PlannedHook } from "./core/hook-plan.ts";
export type { ConflictPolicy, Estimate, PatternOutcome, Plan, SelectionOutcome, Step, StepKind } from "./core/plan.ts";
export type { Pin } from "./core/pin.ts";
export type { PruneDecision, PruneOutcome } from "./core/prune-plan.ts";
export type { Verdict } from "./core/retention.ts";
export type { TargetLock } from "./core/unlock-plan.ts";
export type { RunReport, RunState } from "./core/report.ts";

/** Gives the config back with its names in the type, for `definePolicy<typeof config>`; what it inherits is not in it. */
export function defineConfig(config: ConfigPart & Extending): ConfigPart;
export function defineConfig<
  SourceName extends string,
  StorageName extends string,
  DefaultKey extends PolicyKey = never,
>(config: Config<SourceName, StorageName, DefaultKey>): Config<SourceName, StorageName, DefaultKey>;
export function defineConfig(config: ConfigPart): ConfigPart {
  return config;
}

/** Gives the policy back, checked against the config's type where one is given: `definePolicy<typeof config>({ … })`. */
export function definePolicy<ConfigType extends ConfigPart = Config>(
  policy: PolicyOf<ConfigType>,
): PolicyOf<ConfigType> {
  return policy;
}

type PolicyKey = keyof PolicyConfig;

interface DryRun {
  readonly dryRun: true;
}

interface RealRun {
  readonly dryRun?: false | undefined;
}

/**
 * Takes the backup that a policy asks for. It resolves also when the backup did not become whole: the report's state and
 * exitStatus say so. It rejects with a BackupError when it could not even begin.
 */
export function runPolicy(options: RunPolicyOptions & RealRun): Promise<RunReport>;
export function runPolicy(options: RunPolicyOptions & DryRun): Promise<Plan>;
export function runPolicy(options: RunPolicyOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/run-policy.ts");
    return commands.runPolicy(options, caller);
  });
}

/** Takes a one-off backup without a policy; resolves and rejects as runPolicy does. */
export function createBackup(options: CreateBackupOptions & RealRun): Promise<RunReport>;
export function createBackup(options: CreateBackupOptions & DryRun): Promise<Plan>;
export function createBackup(options: CreateBackupOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/create-backup.ts");
    return commands.createBackup(options, caller);
  });
}

/** Brings a backup back and compares the rows; resolves and rejects as runPolicy does. */
export function restoreBackup(options: RestoreBackupOptions & RealRun): Promise<RunReport>;
export function restoreBackup(options: RestoreBackupOptions & DryRun): Promise<Plan>;
export function restoreBackup(options: RestoreBackupOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/restore-backup.ts");
    return commands.restoreBackup(options, caller);
  });
}

/** Brings a backup into another target, byte for byte, or goes on with a copy that was stopped; resolves and rejects as runPolicy does. */
export function copyBackup(options: CopyBackupOptions & RealRun): Promise<RunReport>;
export function copyBackup(options: CopyBackupOptions & DryRun): Promise<Plan>;
export function copyBackup(options: CopyBackupOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/copy-backup.ts");
    return commands.copyBackup(options, caller);
  });
}

/**
 * Looks whether a backup is what it was, in every target that has it. It resolves also when it is damaged: the report's
 * checks name what is wrong, and its exitStatus is 4. It rejects when the check could not even begin.
 */
export function verifyBackup(options: VerifyBackupOptions & RealRun): Promise<RunReport>;
export function verifyBackup(options: VerifyBackupOptions & DryRun): Promise<Plan>;
export function verifyBackup(options: VerifyBackupOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/verify-backup.ts");
    return commands.verifyBackup(options, caller);
  });
}

/** Deletes one backup, or what is left of one that was interrupted; resolves and rejects as runPolicy does. */
export function deleteBackup(options: DeleteBackupOptions & RealRun): Promise<RunReport>;
export function deleteBackup(options: DeleteBackupOptions & DryRun): Promise<Plan>;
export function deleteBackup(options: DeleteBackupOptions): Promise<RunReport | Plan> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/delete-backup.ts");
    return commands.deleteBackup(options, caller);
  });
}

/**
 * The backups of the target, or of every target that a policy names; those of one target the newest first. It rejects when
 * one of them cannot be listed.
 */
export function listBackups(options: ListBackupsOptions = {}): Promise<readonly ListedBackup[]> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/list-backups.ts");
    return commands.listBackups(options, caller);
  });
}

/** What one backup is and holds. */
export function getBackup(options: GetBackupOptions): Promise<BackupDetails> {
  return callAs(options, async (caller) => {
    const commands = await import("./commands/get-backup.ts");
    return commands.getBackup(options, caller);
  });
}
