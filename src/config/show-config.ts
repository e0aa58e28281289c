import { relative } from "node:path";
import type { Origin } from "./document.ts";
import { isSecretAt } from "./find-secrets.ts";
import { isSecretKey } from "./literal-secrets.ts";
import type { LoadedConfig } from "./load-config.ts";
import { mapData } from "./map-data.ts";
import { toPlainData } from "./plain-data.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { showCheck } from "./resolve-checks.ts";
import { showSchedule } from "./resolve-schedule.ts";
import { showHook } from "./show-hook.ts";

/**
 * A config as it is used, in the form of a config that holds all of it: with what it inherits, defaults, variables
 * replaced, paths absolute. Secrets are references; what a URL has of them is masked.
 */
export function showConfig(config: LoadedConfig): unknown {
  const { sources, storages, policies, groups, limits, identities, plugins, directory } = config;
  const shown = {
    version: 1,
    sources: toRecord(sources, (source) => ({ ...source, name: undefined })),
    storages: toRecord(storages, ({ options, ...storage }) => ({ ...storage, name: undefined, ...options })),
    plugins: plugins.map(({ use, options }) => (options === undefined ? use : { use, options })),
    policies: toRecord(policies, (policy) => ({
      ...policy,
      hooks: policy.hooks.map((hook) => showHook(hook, directory)),
      checks: policy.checks.map(showCheck),
      schedule: policy.schedule && showSchedule(policy.schedule),
      name: undefined,
      digest: undefined,
    })),
    groups: toRecord(groups, (names) => names),
    limits,
    identities,
  };
  return mapData(toPlainData(shown).data, maskUrl); // plain data has no undefined values
}

/** As showConfig(), a config that holds this policy, and of sources and storages those that it names. */
export function showPolicy(config: LoadedConfig, name: string): unknown {
  const policies = only(config.policies, [name]);
  const [policy] = policies.values();
  const drilled = (policy?.checks ?? []).map(({ into }) => into?.source);
  const sources = only(config.sources, [policy?.source, ...drilled]);
  const kept = [...sources.values()].map(({ storage }) => storage);
  const storages = only(config.storages, [...kept, ...(policy?.targets ?? []).map(({ storage }) => storage)]);
  return showConfig({ ...config, policies, sources, storages, groups: new Map() });
}

function only<T>(map: ReadonlyMap<string, T>, names: readonly (string | undefined)[]): ReadonlyMap<string, T> {
  return new Map([...map].filter(([key]) => names.includes(key)));
}

/** `file:line:column`, or `file: path` where the file is code, or "default". */
export function describeOrigin(config: LoadedConfig, at: KeyPath, cwd: string): string {
  const origin = originOf(config, at);
  if (origin === undefined) return "default";
  const { file, path, line, column } = origin;
  const name = relative(cwd, file);
  return line === undefined ? `${name}: ${formatPath(path)}` : [name, line, column].join(":");
}

/** Where each value of what showConfig() gives was written, by its path; a default is written nowhere. */
export function listOrigins(config: LoadedConfig, shown: unknown): Readonly<Record<string, object>> {
  const origins: Record<string, object> = {};
  mapData(shown, (value, at) => {
    const isWhole = typeof value !== "object" || isSecretAt(at, value);
    const origin = isWhole ? originOf(config, at) : undefined;
    if (origin !== undefined) origins[formatPath(at)] = { ...origin, path: formatPath(origin.path) };
    return isWhole ? value : undefined;
  });
  return origins;
}

/** What a policy does not say of its limits, the config does. */
function originOf(config: LoadedConfig, at: KeyPath): Origin | undefined {
  const [first, , key, ...path] = at;
  const isLimit = first === "policies" && key === "limits";
  return config.originOf(at) ?? (isLimit ? config.originOf(["limits", ...path]) : undefined);
}

function toRecord<T>(map: ReadonlyMap<string, T>, show: (value: T) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from(map, ([name, value]) => [name, show(value)]));
}

/** A URL without its user, its password, and the parameters whose names say that they are secrets. */
function maskUrl(value: unknown): unknown {
  if (typeof value !== "string" || !value.includes("://") || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const secrets = [...url.searchParams.keys()].filter(isSecretKey);
  if (url.username + url.password === "" && secrets.length === 0) return undefined;
  if (url.username !== "") url.username = "***";
  if (url.password !== "") url.password = "***";
  for (const key of secrets) url.searchParams.set(key, "***");
  return url.href;
}
