import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/config.ts";
import { toEventError } from "../core/event-error.ts";
import type { Finding } from "../core/finding.ts";
import { checkTarget } from "../engine/check-target.ts";
import type { Caller } from "./caller.ts";
import { openSource, openTarget } from "./open-places.ts";
import { newRunId } from "./start-run.ts";
import { chooseSource, chooseTargets, loadWorkspace, targetOf } from "./workspace.ts";
import type { Choosing, PlaceChoices, SourcePlace } from "./workspace.ts";

/** What the policies named use, or the choices say, or all policies use: looked at one after another. */
export async function checkPlaces(
  policies: readonly string[],
  choices: PlaceChoices,
  caller: Caller,
): Promise<readonly Finding[]> {
  const config = await loadWorkspace(caller, choices);
  const { sources, targets } = subjects(config, policies, { choices, caller });
  const findings: Finding[] = [];
  for (const place of sources) findings.push(...(await lookAtSource(config, place, caller)));
  for (const settings of targets) findings.push(...(await lookAtTarget(config, settings, caller)));
  return findings;
}

interface Subjects {
  readonly sources: readonly SourcePlace[];
  readonly targets: readonly StorageSettings[];
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
        : distinct(policies.map((policy) => targetOf(config, policy))),
  };
}

function distinct(targets: readonly StorageSettings[]): readonly StorageSettings[] {
  return [...new Map(targets.map((target) => [`${target.name}/${target.prefix}`, target])).values()];
}

async function lookAtSource(config: LoadedConfig, place: SourcePlace, caller: Caller): Promise<readonly Finding[]> {
  return orFailure(`source ${place.source.name}`, caller, async () => {
    await using source = await openSource(config, place, caller);
    const { checkSource } = await import("../engine/check-source.ts");
    return await checkSource(source, { signal: caller.signal });
  });
}

async function lookAtTarget(
  config: LoadedConfig,
  settings: StorageSettings,
  caller: Caller,
): Promise<readonly Finding[]> {
  return orFailure(`target ${settings.name}`, caller, async () => {
    await using target = await openTarget(config, settings, caller);
    return await checkTarget(target, { signal: caller.signal, now: caller.now, id: newRunId(caller.now()) });
  });
}

/** One thing that is out of reach does not keep the doctor from looking at the others; a bug does. */
async function orFailure(
  subject: string,
  { signal }: Caller,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = toEventError(error);
    if (code === "bug") throw error;
    return [{ subject, check: "reach", status: "failed", message, hint, code }];
  }
}
