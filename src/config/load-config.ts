import { dirname } from "node:path";
import type { Config } from "../core/contracts/config.ts";
import { checkDocument } from "./check-document.ts";
import type { HookPlugins } from "./check-hooks.ts";
import { checkSources, checkStorages } from "./check-places.ts";
import { checkConfigNames, checkGroups, findNames } from "./check-references.ts";
import type { Origin } from "./document.ts";
import { createDocumentLoader, type DocumentLoader } from "./document-loader.ts";
import { findConfigFile } from "./find-file.ts";
import { findOverlay } from "./find-overlay.ts";
import { loadFile } from "./load-file.ts";
import { createModuleLoader, type ModuleLoader, type VirtualModules } from "./load-module.ts";
import { type BuiltinPlugins, loadPlugins, type ObserverSettings, type PluginEntry } from "./load-plugins.ts";
import { loadPolicies } from "./load-policies.ts";
import { mergeDocuments } from "./merge-documents.ts";
import { invalidConfig, type KeyPath } from "./problem.ts";
import { resolveConfig, type ResolvedConfig } from "./resolve.ts";
import { configSchema } from "./schema/config.ts";
import { createSecretStore, type SecretStore } from "./secrets.ts";
import type { StoragePlugins } from "./storage-options.ts";
import type { Environment } from "./variables.ts";

export interface LoadOptions extends BuiltinPlugins {
  readonly cwd: string;
  /** Given with `--config`, relative to cwd; without it the config is looked for. */
  readonly configPath?: string | undefined;
  /** Given with `--env`: the overlay of this name is laid over the config. */
  readonly environment?: string | undefined;
  readonly env: Environment;
  readonly modules: VirtualModules;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedConfig extends ResolvedConfig {
  /** Absolute; undefined when there is no config file. */
  readonly path: string | undefined;
  readonly secrets: SecretStore;
  /** The config's folder, absolute; the working directory when there is no config. */
  readonly directory: string;
  readonly env: Environment;
  /** The tool's own, and those of the config. */
  readonly storagePlugins: StoragePlugins;
  readonly hookPlugins: HookPlugins;
  readonly observers: readonly ObserverSettings[];
  readonly plugins: readonly PluginEntry[];
  /** Where a value was written, by its path: `sources.prod.address`, `policies.nightly.source`. A default stands nowhere. */
  originOf(path: KeyPath): Origin | undefined;
}

/**
 * Finds, reads and checks the config and its policies, without a network and without a secret. BackupError "not-found"
 * when there is no config, "invalid" with every problem there is.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd, env } = options;
  const path = await findConfigFile(cwd, options.configPath);
  const overlay = await findOverlay(path, options.environment);
  const directory = dirname(path);
  const loadModule = createModuleLoader({ ...options.modules, zod: () => import("zod") });
  const loader = createLoader(options, { directory, loadModule });
  const layers = await loader.file(path);
  const whole = overlay === undefined ? layers : ([...layers, ...(await loader.file(overlay))] as const);
  const config = checkDocument(mergeDocuments(whole), configSchema, env);
  const plugins = await loadPlugins(config, { directory, builtins: options, loadModule });
  const names = findNames(config.data, Object.keys(plugins.storages));
  const policies = await loadPolicies(config, { directory, names, env, plugins, loader });
  const problems = [
    ...config.problems,
    ...plugins.problems,
    ...checkConfigNames(config, names),
    ...(await checkSources(config, names, plugins)),
    ...(await checkStorages(config, names, plugins)),
    ...policies.problems,
    ...checkGroups(config, policies.names),
  ];
  if (config.value === undefined || problems.length > 0) throw invalidConfig(problems, cwd);
  const resolved = resolveConfig(config.value, policies.policies, directory);
  const { storages: storagePlugins, hooks: hookPlugins, secretProviders: providers, observers, entries } = plugins;
  const originOf: LoadedConfig["originOf"] = (keys) => policies.originOf(keys) ?? config.document.originOf(keys);
  const secrets = createSecretStore({ directory, env, providers });
  const used = { plugins: entries, storagePlugins, hookPlugins, observers };
  return { ...resolved, ...used, path, directory, env, originOf, secrets };
}

/** A config without a file, for commands that get all they need from flags. */
export function emptyConfig(options: Pick<LoadOptions, "cwd" | "env" | "storagePlugins">): LoadedConfig {
  const config = configSchema.parse({ version: 1, sources: {}, storages: {} } satisfies Config);
  const { cwd: directory, env, storagePlugins } = options;
  const resolved = resolveConfig(config, new Map(), directory);
  const secrets = createSecretStore({ directory, env });
  const without = { path: undefined, hookPlugins: {}, observers: [], plugins: [], originOf: () => undefined };
  return { ...resolved, ...without, directory, env, storagePlugins, secrets };
}

interface Loading {
  readonly directory: string;
  readonly loadModule: ModuleLoader;
}

function createLoader({ env, signal }: LoadOptions, { directory, loadModule }: Loading): DocumentLoader {
  return createDocumentLoader({
    directory,
    env,
    load: (file) => {
      signal?.throwIfAborted();
      return loadFile(file, loadModule);
    },
  });
}
