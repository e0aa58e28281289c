import { openStorage } from "../config/open-storage.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { CollectGarbageOptions, SourceChoice } from "../core/contracts/library.ts";
import { DURATION_FORM, findDurationMs } from "../core/duration.ts";
import { BackupError } from "../core/errors.ts";
import type { GarbageSummary } from "../core/gc-plan.ts";
import type { RunReport } from "../core/report.ts";
import type { GcSource } from "../engine/gc-temporary.ts";
import { formatAddress, parseAddress } from "../milvus/address.ts";
import type { Caller, RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { connectSource, openTarget, targetName } from "./open-places.ts";
import { recordIn } from "./record-run.ts";
import { chooseSource, chooseTargets, loadWorkspace, policyTargets } from "./workspace.ts";

const DEFAULT_AGE = "24h";

/** What is looked through, and how old garbage must be. */
export interface GcPlaces {
  readonly targets: readonly StorageSettings[];
  readonly sources: readonly GcSource[];
  readonly minAgeMs: number;
}

/** Where to look: targets and policies by name, places, or all that policies name. */
export function chooseGcPlaces(config: LoadedConfig, options: CollectGarbageOptions, caller: Caller): GcPlaces {
  const { targets: names = [], minAge = DEFAULT_AGE } = options;
  const minAgeMs = findDurationMs(minAge);
  if (minAgeMs === undefined) {
    throw new BackupError("usage", `Cannot read the age ${JSON.stringify(minAge)}`, { hint: `say ${DURATION_FORM}` });
  }
  const chosen = names.length === 0 ? chooseTargets(config, { choices: {}, caller }) : [];
  const named = names.flatMap((name) => targetsNamed(config, name, caller));
  const targets = new Map([...chosen, ...named].map((target) => [targetName(target), target]));
  return { targets: [...targets.values()], sources: sourcesOf(config, options, caller), minAgeMs };
}

function targetsNamed(config: LoadedConfig, name: string, caller: Caller): readonly StorageSettings[] {
  const policy = config.policies.get(name);
  return policy === undefined
    ? chooseTargets(config, { choices: { target: name }, caller })
    : policyTargets(config, [policy]);
}

/** Those of the config whose storage is known, and the one that is given. */
function sourcesOf(config: LoadedConfig, choices: SourceChoice, caller: Caller): readonly GcSource[] {
  const known = [...config.sources.values()].filter(({ storage }) => storage !== undefined).map(({ name }) => name);
  const names = choices.source === undefined ? known : [...new Set([...known, choices.source])];
  return names.map((source) => {
    const given = source === choices.source ? choices : { source };
    const place = chooseSource(config, { choices: given, caller });
    return {
      name: place.source.name,
      address: formatAddress(parseAddress(place.source.address)),
      open: () => openStorage(config, { ...place.storage, prefix: "" }, { signal: caller.signal }),
      connect: () => connectSource(config, place, caller),
    };
  });
}

export interface GcPlace extends GcPlaces {
  /** The one whose turn it is. */
  readonly settings: StorageSettings;
}

/** What is nobody's in a target, and what of it would go; changes nothing. */
export async function previewTarget(config: LoadedConfig, place: GcPlace, caller: Caller): Promise<GarbageSummary> {
  const { previewGc } = await import("../engine/gc.ts");
  await using target = await openTarget(config, place.settings, caller);
  return await previewGc({ ...place, target }, caller);
}

/** A pass of garbage collection in one target. */
export async function collectTarget(config: LoadedConfig, place: GcPlace, caller: RunCaller): Promise<RunReport> {
  const { runGc } = await import("../engine/gc.ts");
  const history = await recordIn(config, { action: "gc", backup: "", targets: [place.settings] }, caller);
  return await execute(config, { action: "gc", caller, history }, async (run) => {
    await using target = await openTarget(config, place.settings, caller);
    return await runGc({ ...place, target }, run);
  });
}

/** What is nobody's in one target, and the pass that was made there. */
export interface CollectedTarget extends GarbageSummary {
  /** Absent of a dry run. */
  readonly report?: RunReport | undefined;
}

/** A pass of garbage collection in each target, or a look at what there is. */
export async function collectGarbage(
  options: CollectGarbageOptions,
  caller: RunCaller,
): Promise<readonly CollectedTarget[]> {
  const { config: path, environment, source, targets: [target] = [] } = options;
  const config = await loadWorkspace(caller, { config: path, environment, source, target });
  const places = chooseGcPlaces(config, options, caller);
  const collected: CollectedTarget[] = [];
  for (const settings of places.targets) {
    caller.signal.throwIfAborted();
    collected.push(await collectIn(config, { ...places, settings, dryRun: options.dryRun }, caller));
  }
  return collected;
}

async function collectIn(
  config: LoadedConfig,
  place: GcPlace & { readonly dryRun: boolean | undefined },
  caller: RunCaller,
): Promise<CollectedTarget> {
  if (place.dryRun === true) return await previewTarget(config, place, caller);
  const report = await collectTarget(config, place, caller);
  const target = targetName(place.settings);
  const { deleted: _, ...summary } = report.garbage ?? {
    groups: [],
    unfinished: [],
    foreign: [],
    left: [],
    deleted: 0,
  };
  return { ...summary, target, report };
}
