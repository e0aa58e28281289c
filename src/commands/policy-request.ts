import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { showPolicy } from "../config/show-config.ts";
import { toBackupName } from "../format/backup-name.ts";
import type { ManifestPolicy } from "../format/manifest.ts";
import type { Caller } from "./caller.ts";
import { pruneGroups } from "./prune-groups.ts";
import type { BackupRequest } from "./take-backup.ts";
import { encryptionsOf } from "./target-encryption.ts";
import { chooseSource, targetsOf } from "./workspace.ts";

/** A backup that a policy asks for. */
export interface PolicyRequest extends BackupRequest {
  readonly policy: ManifestPolicy;
}

/** What a policy asks for, now. */
export function policyRequest(config: LoadedConfig, name: string, caller: Caller): PolicyRequest {
  const policy = findPolicy(config, name);
  const [target, ...furtherTargets] = targetsOf(config, policy);
  return {
    backup: toBackupName(policy.name, caller.now()),
    source: chooseSource(config, { choices: {}, caller }, policy.source),
    target,
    furtherTargets,
    select: policy.select,
    consistency: policy.consistency,
    gc: policy.gc,
    encryptions: encryptionsOf(config, policy),
    limits: policy.limits,
    schedule: policy.schedule,
    hooks: policy.hooks,
    checks: policy.checks,
    prunes: pruneGroups(config, name, caller),
    policy: { name: policy.name, digest: policy.digest, config: showPolicy(config, policy.name) },
  };
}
