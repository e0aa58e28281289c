/**
 * What people write in a config and in policy files, and what the tool makes of it. What a key means is said by its schema
 * in src/config/schema; `npm run docs` writes it here.
 */
import type { LimitsConfig } from "./limits.ts";
import type { Plugin } from "./plugin.ts";
import type { Extends, PolicyConfig } from "./policy.ts";
import type { Secret } from "./secret.ts";
import type { SourceConfig } from "./source.ts";
import type { StorageConfig } from "./storage-settings.ts";

/** A plugin, and the options of an observer; those of all others stand where these are used. */
export interface PluginConfig {
  /** A path that begins with `./`, `../`, `/` or `~/`, relative to the config's folder; a package; or the plugin itself. */
  readonly use: string | Plugin;
  /** Of an observer; a Secret may stand for any text. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** A config with everything that it needs, whatever of it is inherited. */
export interface Config<
  SourceName extends string = string,
  StorageName extends string = string,
  DefaultKey extends keyof PolicyConfig = keyof PolicyConfig,
> {
  /** What this inherits: files, whose paths from here begin with ./ or ../, or packages; later ones win, this file over all. */
  readonly extends?: Extends | undefined;
  /** The version of this format. */
  readonly version: 1;
  /** Each Milvus, by a name for policies to use. */
  readonly sources: Readonly<Record<SourceName, SourceConfig<NoInfer<StorageName>>>>;
  /** Places for objects, by a name for sources and policies to use. */
  readonly storages: Readonly<Record<StorageName, StorageConfig>>;
  /** The folder of policy files, relative to the config's. When absent: policies. */
  readonly policiesDir?: string | undefined;
  /** Policies by name, beside those of the folder. */
  readonly policies?: Readonly<Record<string, PolicyPart<NoInfer<SourceName>, NoInfer<StorageName>>>> | undefined;
  /** Names for several policies, which run --group takes in this order. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined;
  /** What every policy inherits, below all that it extends. */
  readonly defaults?: Pick<PolicyPart<NoInfer<SourceName>, NoInfer<StorageName>>, DefaultKey> | undefined;
  /** For every policy that does not say otherwise. */
  readonly limits?: LimitsConfig | undefined;
  /** What opens encrypted backups: files with age identities, or Secrets; read when one is looked into. */
  readonly identities?: readonly (string | Secret)[] | undefined;
  /** Storages, hooks, observers and secret providers besides the tool's own; a plugin or its name alone is one without options. */
  readonly plugins?: readonly (string | Plugin | PluginConfig)[] | undefined;
}

/** What may stand in one file of several that are merged: any part of the whole, and null for what it takes away. */
export type Part<T> = T extends readonly unknown[] | Secret
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Part<T[K]> | null }
    : T;

/** What a policy file holds when the rest is inherited. */
export type PolicyPart<SourceName extends string = string, StorageName extends string = string> = Part<
  PolicyConfig<SourceName, StorageName>
>;

/** What a config file holds when the rest is inherited, and what an overlay holds. */
export type ConfigPart = Part<Config>;

/**
 * What a policy file holds beside a config of this type: only names that the config has, and all that the policy needs
 * unless it extends something or the config's defaults have it.
 */
export type PolicyOf<ConfigType extends ConfigPart> =
  ConfigType extends Config<infer SourceName, infer StorageName, infer DefaultKey>
    ? PolicyPart<SourceName, StorageName> &
        (Extending | Pick<PolicyConfig<SourceName, StorageName>, Exclude<"source" | "targets", DefaultKey>>)
    : PolicyPart;

/** What inherits. */
export interface Extending {
  readonly extends: Extends;
}
