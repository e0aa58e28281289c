import type { PluginConfig } from "../core/contracts/config.ts";
import { isPlugin, PLUGIN_API } from "../core/contracts/plugin.ts";
import type { Plugin } from "../core/contracts/plugin.ts";
import type { ObserverPlugin, StoragePlugin } from "../plugin.ts";
import type { HookPlugins } from "./check-hooks.ts";
import { checkPluginOptions, type SecretProviders } from "./check-options.ts";
import type { ReferringDocument } from "./check-references.ts";
import { valueAt } from "./map-data.ts";
import { resolvePath, resolvePaths } from "./paths.ts";
import type { KeyPath, Problem } from "./problem.ts";
import type { ModuleLoader } from "./load-module.ts";
import { pluginSchema } from "./schema/plugin.ts";
import type { StoragePlugins } from "./storage-options.ts";

/** The tool's own plugins: by name, imported only when they are used. */
export interface BuiltinPlugins {
  readonly storagePlugins: StoragePlugins;
  readonly hookPlugins: HookPlugins;
  readonly observerPlugins: Readonly<Record<string, () => Promise<ObserverPlugin>>>;
}

/** An observer of the config, its paths absolute, its secrets still references. */
export interface ObserverSettings {
  readonly plugin: ObserverPlugin;
  readonly options: Readonly<Record<string, unknown>>;
}

/** An entry of `plugins`, its paths absolute; a plugin that stands there itself by its name. */
export interface PluginEntry {
  readonly use: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface LoadedPlugins {
  readonly entries: readonly PluginEntry[];
  /** The tool's own, and those of the config. */
  readonly storages: StoragePlugins;
  readonly hooks: HookPlugins;
  readonly secretProviders: SecretProviders;
  readonly observers: readonly ObserverSettings[];
  readonly problems: readonly Problem[];
}

export interface PluginLoading {
  /** The config's folder. */
  readonly directory: string;
  readonly builtins: BuiltinPlugins;
  readonly loadModule: ModuleLoader;
}

/** Loads what `plugins` of a config names. All are looked at, also when the rest of the config has problems. */
export async function loadPlugins(config: ReferringDocument, loading: PluginLoading): Promise<LoadedPlugins> {
  const entries = valueAt(config.data, ["plugins"]);
  const found: FoundPlugin[] = [];
  const used: PluginEntry[] = [];
  const problems: Problem[] = [];
  for (const [index, data] of Array.isArray(entries) ? entries.entries() : []) {
    const entry = pluginSchema.safeParse(data);
    if (!entry.success) continue; // told elsewhere
    const path = ["plugins", index];
    const settings = toSettings(entry.data);
    used.push(toEntry(settings, loading.directory));
    const loaded = await loadEntry(settings, loading);
    if ("fault" in loaded) problems.push(config.document.problemAt(path, loaded.fault));
    else found.push(...loaded.plugins.map((plugin) => ({ plugin, path, options: settings.options })));
  }
  const isFirst = distinguish(loading.builtins);
  const usable = found.filter(({ plugin, path }) => {
    const fault = faultOf(plugin) ?? isFirst(plugin);
    if (fault !== undefined) problems.push(config.document.problemAt(path, fault));
    return fault === undefined;
  });
  const collected = collect(usable, loading.builtins);
  const observers = await checkObservers(config, usable, collected.secretProviders);
  return {
    ...collected,
    entries: used,
    observers: observers.settings.map((one) => ({ ...one, options: resolvePaths(one.options, loading.directory) })),
    problems: [...problems, ...observers.problems],
  };
}

interface FoundPlugin {
  readonly plugin: Plugin;
  readonly path: KeyPath;
  readonly options: PluginConfig["options"];
}

function toSettings(entry: string | Plugin | PluginConfig): PluginConfig {
  return typeof entry === "object" && "use" in entry ? entry : { use: entry };
}

function toEntry({ use, options }: PluginConfig, directory: string): PluginEntry {
  const name = typeof use === "string" ? locate(use, directory) : use.name;
  return options === undefined ? { use: name } : { use: name, options: resolvePaths(options, directory) };
}

/** An absolute path, or the name of a package. */
function locate(use: string, directory: string): string {
  return /^(?:\.{0,2}|~)\//.test(use) ? resolvePath(directory, use) : use;
}

type Loaded = { readonly plugins: readonly Plugin[] } | { readonly fault: string };

async function loadEntry({ use }: PluginConfig, { directory, builtins, loadModule }: PluginLoading): Promise<Loaded> {
  if (typeof use !== "string") return { plugins: [use] };
  const builtin = Object.hasOwn(builtins.observerPlugins, use) ? await builtins.observerPlugins[use]?.() : undefined;
  if (builtin !== undefined) return { plugins: [builtin] };
  const loaded = await loadModule(locate(use, directory), directory);
  if (loaded.kind === "data") return toPlugins(use, loaded.data);
  return { fault: `plugin ${[use, loaded.line ?? []].flat().join(":")}: ${loaded.message}` };
}

function toPlugins(use: string, data: unknown): Loaded {
  const plugins: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (plugins.length > 0 && plugins.every(isPlugin)) return { plugins };
  return {
    fault: `the default export of ${use} is neither a plugin nor a list of them: make it with a define function`,
  };
}

/** Why it cannot be used, whatever its own copy of the package let pass. */
function faultOf({ kind, name, apiVersion, options }: Plugin): string | undefined {
  const version: number = apiVersion;
  if (version === PLUGIN_API) {
    const hasSchema = typeof options === "object" && "safeParseAsync" in options;
    return hasSchema ? undefined : `the ${kind} plugin "${name}" has no schema for its options, which is to be zod's`;
  }
  const remedy =
    version > PLUGIN_API ? "a newer milvus-backup, or an older version of the plugin" : "a newer version of the plugin";
  return `the ${kind} plugin "${name}" is written for plugin API ${version}, and this milvus-backup has ${PLUGIN_API}: install ${remedy}`;
}

/** Gives a function that says of each plugin whether there is one of its kind and name already. */
function distinguish({ storagePlugins, hookPlugins }: BuiltinPlugins): (plugin: Plugin) => string | undefined {
  const storages = Object.keys(storagePlugins).map((name) => `storage ${name}`);
  const hooks = Object.keys(hookPlugins).map((name) => `hook ${name}`);
  const taken = new Set([...storages, ...hooks]);
  return ({ kind, name }) => {
    const key = `${kind} ${name}`;
    if (taken.has(key)) return `there is a ${kind} plugin "${name}" already`;
    taken.add(key);
    return undefined;
  };
}

function collect(
  found: readonly FoundPlugin[],
  builtins: BuiltinPlugins,
): Pick<LoadedPlugins, "storages" | "hooks" | "secretProviders"> {
  const plugins = found.map(({ plugin }) => plugin);
  const storages = plugins.filter((plugin): plugin is StoragePlugin => plugin.kind === "storage");
  const hooks = plugins.filter((plugin) => plugin.kind === "hook");
  const providers = plugins.filter((plugin) => plugin.kind === "secret-provider");
  return {
    storages: {
      ...Object.fromEntries(storages.map((plugin) => [plugin.name, async () => plugin])),
      ...builtins.storagePlugins,
    },
    hooks: { ...Object.fromEntries(hooks.map((plugin) => [plugin.name, async () => plugin])), ...builtins.hookPlugins },
    secretProviders: new Map(providers.map((plugin) => [plugin.name, plugin])),
  };
}

async function checkObservers(
  { document }: ReferringDocument,
  found: readonly FoundPlugin[],
  providers: SecretProviders,
): Promise<{ readonly settings: readonly ObserverSettings[]; readonly problems: readonly Problem[] }> {
  const settings: ObserverSettings[] = [];
  const problems: Problem[] = [];
  for (const { plugin, path, options } of found) {
    if (plugin.kind === "observer") {
      const written = valueAt(document.data, [...path, "options"]);
      const faults = await checkPluginOptions(plugin, { options: options ?? {}, written, providers });
      problems.push(
        ...faults.map((fault) => document.problemAt([...path, "options", ...fault.path], fault.message, fault.part)),
      );
      settings.push({ plugin, options: options ?? {} });
    } else if (
      options !== undefined &&
      found.every((other) => other.path !== path || other.plugin.kind !== "observer")
    ) {
      const message = `the options of a ${plugin.kind} stand where it is used, ${PLACE_OF_OPTIONS[plugin.kind]}`;
      problems.push(document.problemAt([...path, "options"], message));
    }
  }
  return { settings, problems };
}

const PLACE_OF_OPTIONS = {
  storage: "in storages",
  hook: "in the policy's hooks",
  "secret-provider": "beside provider in a secret",
} as const;
