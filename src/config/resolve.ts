import type { Limits } from "../core/contracts/limits.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Source, SourceConfig } from "../core/contracts/source.ts";
import type { StorageConfig, StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Target } from "../core/contracts/target.ts";
import type { Secret } from "../core/contracts/secret.ts";
import { defaultGcMode } from "../core/gc-pause.ts";
import { digestPolicy } from "./digest.ts";
import { resolvePath, resolvePaths } from "./paths.ts";
import { resolveChecks } from "./resolve-checks.ts";
import { resolveHooks } from "./resolve-hooks.ts";
import { resolveSchedule } from "./resolve-schedule.ts";
import type { ParsedConfig } from "./schema/config.ts";
import type { ParsedPolicy } from "./schema/policy.ts";
import { pluginOptions } from "./storage-options.ts";

export interface ResolvedConfig {
  readonly sources: ReadonlyMap<string, Source>;
  readonly storages: ReadonlyMap<string, StorageSettings>;
  readonly policies: ReadonlyMap<string, Policy>;
  /** Names of policies, in the order in which they run. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly limits: Limits;
  /** What opens encrypted backups. */
  readonly identities: readonly Secret[];
}

/** Puts together what was checked: names are known to exist, and what was left out has its default. */
export function resolveConfig(
  config: ParsedConfig,
  policies: ReadonlyMap<string, ParsedPolicy>,
  directory: string,
): ResolvedConfig {
  const sources = mapValues(Object.entries(config.sources), (source, name) => resolveSource(name, source, directory));
  const storages = mapValues(Object.entries(config.storages), (storage, name) =>
    resolveStorage(name, storage, directory),
  );
  const { limits } = config;
  const groups = new Map(Object.entries(config.groups));
  const known = { sources, storages, limits, directory };
  const resolved = mapValues(policies, (policy, name) => resolvePolicy(name, policy, known));
  const identities = config.identities.map((one) => (typeof one === "string" ? { file: one } : one));
  return { sources, storages, policies: resolved, groups, limits, identities };
}

function resolveSource(name: string, source: SourceConfig, directory: string): Source {
  if (source.tls === undefined) return { ...source, name };
  const { ca, cert, key, ...tls } = source.tls;
  const absolute = (path: string | undefined): string | undefined => path && resolvePath(directory, path);
  return { ...source, name, tls: { ...tls, ca: absolute(ca), cert: absolute(cert), key: absolute(key) } };
}

function resolveStorage(name: string, storage: StorageConfig, directory: string): StorageSettings {
  const { type, prefix = "", readableByMilvus = false } = storage;
  return { name, type, prefix, readableByMilvus, options: resolvePaths(pluginOptions(storage), directory) };
}

interface Known extends Pick<ResolvedConfig, "sources" | "storages" | "limits"> {
  readonly directory: string;
}

function resolvePolicy(name: string, policy: ParsedPolicy, known: Known): Policy {
  const [first, ...others] = policy.targets;
  if (first === undefined) throw new Error(`The policy ${name} was not checked`);
  const withRetention = (target: Target): Target => {
    const retention = target.retention ?? policy.retention;
    return retention === undefined ? target : { ...target, retention };
  };
  const targets: readonly [Target, ...Target[]] = [withRetention(first), ...others.map(withRetention)];
  const source = getChecked(known.sources, policy.source);
  const storages = [source, ...targets].map(({ storage }) => getChecked(known.storages, storage));
  const { select, consistency, gc = defaultGcMode(source), encryption, schedule } = policy;
  const resolved = { name, source: policy.source, targets, select, consistency, gc, ...(encryption && { encryption }) };
  const { collections, objects, imports } = policy.limits;
  const limits = {
    collections: collections ?? known.limits.collections,
    objects: objects ?? known.limits.objects,
    imports: imports ?? known.limits.imports,
  };
  const hooks = resolveHooks(policy.hooks, known.directory);
  const placeless = resolveHooks(policy.hooks, "/"); // the same wherever the config's folder is
  const places: readonly [Target, ...Target[]] = [placeOf(first), ...others.map(placeOf)];
  const digest = digestPolicy({ policy: { ...resolved, targets: places, hooks: placeless }, source, storages });
  const planned = schedule && { schedule: resolveSchedule(schedule) };
  return { ...resolved, ...planned, limits, hooks, checks: resolveChecks(policy.checks), digest };
}

/** How long a backup is kept decides no backup. */
function placeOf({ storage, prefix }: Target): Target {
  return { storage, prefix };
}

function getChecked<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`The name ${name} was not checked`);
  return value;
}

function mapValues<T, U>(
  entries: Iterable<[string, T]>,
  change: (value: T, name: string) => U,
): ReadonlyMap<string, U> {
  return new Map(Array.from(entries, ([name, value]) => [name, change(value, name)] as const));
}
