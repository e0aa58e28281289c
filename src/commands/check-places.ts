import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { Finding } from "../core/finding.ts";
import type { Caller } from "./caller.ts";
import { lookAt } from "./look-at.ts";
import type { Subjects } from "./look-at.ts";
import { chooseSource, chooseTargets, loadWorkspace, policyTargets } from "./workspace.ts";
import type { Choosing, PlaceChoices } from "./workspace.ts";

/** What the policies named use, or the choices say, or all policies use: looked at one after another. */
export async function checkPlaces(
  policies: readonly string[],
  choices: PlaceChoices,
  caller: Caller,
): Promise<readonly Finding[]> {
  const config = await loadWorkspace(caller, choices);
  return await lookAt(config, subjects(config, policies, { choices, caller }), caller);
}

/** Every source, and every target that a policy has; other storages are nobody's to write a probe to. */
export function checkConfig(config: LoadedConfig, caller: Caller): Promise<readonly Finding[]> {
  const choosing = { choices: {}, caller };
  const sources = [...config.sources.keys()].map((name) => chooseSource(config, choosing, name));
  return lookAt(config, { sources, targets: policyTargets(config) }, caller);
}

/** What the policies named here use; what is chosen; else what all policies use. */
function subjects(config: LoadedConfig, names: readonly string[], choosing: Choosing): Subjects {
  const named = names.map((name) => findPolicy(config, name));
  const policies = named.length > 0 ? named : [...config.policies.values()];
  const sources = new Set(policies.map(({ source }) => source));
  return {
    sources:
      choosing.choices.source !== undefined || sources.size === 0
        ? [chooseSource(config, choosing)]
        : [...sources].map((source) => chooseSource(config, choosing, source)),
    targets:
      choosing.choices.target !== undefined || policies.length === 0
        ? chooseTargets(config, choosing)
        : policyTargets(config, policies),
  };
}
