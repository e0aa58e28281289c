import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { toRetention } from "../core/retention-defaults.ts";
import type { PruneGroup } from "../engine/decide-prune.ts";
import type { Caller } from "./caller.ts";
import { closeTarget } from "./open-places.ts";
import { targetsOf } from "./workspace.ts";

/** A group, and where it is. */
export interface PlacedGroup extends PruneGroup {
  readonly settings: StorageSettings;
}

/** What of the policy's backups can be pruned: one group for each of its targets that has retention. */
export function pruneGroups(config: LoadedConfig, name: string, caller: Caller): readonly PlacedGroup[] {
  const policy = findPolicy(config, name);
  const places = targetsOf(config, policy);
  return places.flatMap((settings, index) => {
    const own = policy.targets[index]?.retention;
    if (own === undefined) return [];
    const retention = toRetention(own);
    const required = places.filter((place, at) => at !== index && retention.keepUntilCopied.includes(place.name));
    return {
      policy: policy.name,
      source: policy.source,
      retention,
      settings,
      target: closeTarget(config, settings, caller),
      required: required.map((place) => closeTarget(config, place, caller)),
    };
  });
}
