import type { Policy } from "../core/contracts/policy.ts";
import type { Source } from "../core/contracts/source.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { BackupError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { ResolvedConfig } from "./resolve.ts";

/** BackupError "not-found", with the names there are. */
export function findPolicy(config: ResolvedConfig, name: string): Policy {
  return find(config.policies, "policy", name);
}

/** BackupError "not-found", with the names there are. */
export function findSource(config: ResolvedConfig, name: string): Source {
  return find(config.sources, "source", name);
}

/** BackupError "not-found", with the names there are. */
export function findStorage(config: ResolvedConfig, name: string): StorageSettings {
  return find(config.storages, "storage", name);
}

/** The policies of a group, in its order; BackupError "not-found", with the names there are. */
export function findGroup(config: ResolvedConfig, name: string): readonly Policy[] {
  return find(config.groups, "group", name).map((policy) => findPolicy(config, policy));
}

function find<T>(known: ReadonlyMap<string, T>, word: string, name: string): T {
  const value = known.get(name);
  if (value !== undefined) return value;
  const names = [...known.keys()];
  throw new BackupError("not-found", `There is no ${word} "${name}"${didYouMean(name, names)}`, {
    hint: names.length === 0 ? `the config has no ${word}` : `there is ${names.join(", ")}`,
    facts: { known: names },
  });
}
