import { builtinHooks, builtinObservers, builtinStorages } from "../builtins.ts";
import { findPlace } from "../config/place.ts";
import { findSource, findStorage } from "../config/find.ts";
import { emptyConfig, loadConfig } from "../config/load-config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { belowPrefix } from "../config/open-storage.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Source } from "../core/contracts/source.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Target } from "../core/contracts/target.ts";
import type { CallOptions, SourceChoice, TargetChoice } from "../core/contracts/library.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import { targetName } from "./open-places.ts";

/** What a caller says of where things are. */
export interface PlaceChoices extends Pick<CallOptions, "config" | "environment">, SourceChoice, TargetChoice {}

/** A source and the storage of its segments, by name or by place. */
export interface SourcePlace {
  readonly source: Omit<Source, "storage"> & { readonly storage?: string };
  readonly storage: StorageSettings;
  /** Nobody said where it keeps its segments: the storage is what that is taken to be. */
  readonly isAssumed?: true;
}

/** The config that is asked for; an empty one when there is no file and the choices say where everything is. */
export async function loadWorkspace(caller: Caller, choices: PlaceChoices): Promise<LoadedConfig> {
  const { cwd, env, signal } = caller;
  const { config: configPath, environment = env["MILVUS_BACKUP_ENV"] || undefined } = choices;
  const modules = {
    "milvus-backup": () => import("../index.ts"),
    "milvus-backup/plugin": () => import("../plugin.ts"),
  };
  try {
    const plugins = {
      storagePlugins: builtinStorages,
      hookPlugins: builtinHooks,
      observerPlugins: builtinObservers,
    };
    return await loadConfig({ cwd, env, signal, configPath, environment, ...plugins, modules });
  } catch (error) {
    const isWithoutFile = configPath === undefined && choices.environment === undefined;
    const isGiven = choices.target !== undefined || choices.source !== undefined;
    if (!isBackupError(error) || error.code !== "not-found" || !isWithoutFile || !isGiven) throw error;
    return emptyConfig({ cwd, env, storagePlugins: builtinStorages });
  }
}

/** What decides between the places that a config has. */
export interface Choosing {
  readonly choices: PlaceChoices;
  readonly caller: Caller;
  /** Where a Milvus that is known by its address alone is taken to keep its segments; a BackupError when absent. */
  readonly segments?: StorageSettings | undefined;
}

/** The source that is chosen; else the fallback, a policy's; else the config's only one. */
export function chooseSource(config: LoadedConfig, choosing: Choosing, fallback?: string): SourcePlace {
  const { choices, caller, segments } = choosing;
  const name = choices.source ?? fallback ?? onlySource(config, caller);
  const isAddress = name.includes(":") && !config.sources.has(name);
  const source: SourcePlace["source"] = isAddress ? adHocSource(name, caller) : findSource(config, name);
  const place = choices.sourceStorage;
  if (place !== undefined) return { source, storage: findPlace(config, place, caller.cwd) };
  if (source.storage !== undefined) return { source, storage: findStorage(config, source.storage) };
  if (segments !== undefined) return { source, storage: segments, isAssumed: true };
  throw new BackupError("usage", `Cannot tell where the Milvus at ${name} keeps its segments`, {
    hint: "say --source-storage PLACE: its bucket with its root path (s3://a-bucket/files?endpoint=…), or its data directory",
  });
}

function onlySource(config: LoadedConfig, { env }: Caller): string {
  const names = [...config.sources.keys()];
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  if (names.length === 0 && env["MILVUS_ADDRESS"] !== undefined) return env["MILVUS_ADDRESS"];
  throw new BackupError("usage", "Cannot tell which Milvus is meant", {
    hint: names.length === 0 ? "say --source host:port" : `say --source with one of ${names.join(", ")}`,
  });
}

/** Credentials come from the environment: on a command line everyone on the machine could read them. */
function adHocSource(address: string, { env }: Caller): SourcePlace["source"] {
  const management = env["MILVUS_MANAGEMENT"];
  if (address.includes("@") || management?.includes("@")) {
    throw new BackupError("usage", "Cannot use an address with credentials in it", {
      hint: "set MILVUS_USERNAME and MILVUS_PASSWORD, or MILVUS_TOKEN",
    });
  }
  const username = env["MILVUS_USERNAME"] ?? env["MILVUS_USER"];
  const source = { name: address, address, management };
  if (env["MILVUS_TOKEN"] !== undefined) return { ...source, auth: { token: { env: "MILVUS_TOKEN" } } };
  if (username === undefined) return source;
  return { ...source, auth: { username, password: { env: "MILVUS_PASSWORD" } } };
}

/** Where a policy keeps its backups, in the order in which they are tried. */
export function targetsOf(config: LoadedConfig, { targets }: Policy): readonly [StorageSettings, ...StorageSettings[]] {
  const toSettings = ({ storage, prefix }: Target): StorageSettings =>
    belowPrefix(findStorage(config, storage), prefix);
  const [first, ...others] = targets;
  return [toSettings(first), ...others.map(toSettings)];
}

/** Each place once, however many policies write to it. */
export function policyTargets(
  config: LoadedConfig,
  policies: Iterable<Policy> = config.policies.values(),
): readonly StorageSettings[] {
  const targets = Array.from(policies).flatMap((policy) => targetsOf(config, policy));
  return [...new Map(targets.map((target) => [targetName(target), target])).values()];
}

/** The target that is chosen, as lists and reports call it or as a place, or all that policies have. */
export function chooseTargets(config: LoadedConfig, { choices, caller }: Choosing): readonly StorageSettings[] {
  const targets = policyTargets(config);
  if (choices.target !== undefined) {
    const named = targets.filter((target) => targetName(target) === choices.target);
    return named.length === 1 ? named : [findPlace(config, choices.target, caller.cwd)];
  }
  if (targets.length > 0) return targets;
  throw new BackupError("usage", "Cannot tell where the backups are: no policy names a target", {
    hint: "say --target PLACE",
  });
}

/** The one target that is meant. */
export function chooseTarget(config: LoadedConfig, choosing: Choosing): StorageSettings {
  const targets = chooseTargets(config, choosing);
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return only;
  throw new BackupError("usage", `Cannot tell which target is meant: policies name ${targets.length}`, {
    hint: `say --target with one of ${targets.map(targetName).join(", ")}`,
  });
}
