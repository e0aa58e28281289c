import type { LoadedConfig } from "../config/load-config.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import { targetName } from "./open-places.ts";
import { targetsOf } from "./workspace.ts";

/** To whom a policy encrypts in each of its targets, by the target's name; one that is not there is in the clear. */
export function encryptionsOf(config: LoadedConfig, policy: Policy): ReadonlyMap<string, EncryptionConfig> {
  const places = targetsOf(config, policy);
  return new Map(
    policy.targets.flatMap(({ encryption = policy.encryption }, index) => {
      const place = places[index];
      return encryption && place ? [[targetName(place), encryption] as const] : [];
    }),
  );
}
