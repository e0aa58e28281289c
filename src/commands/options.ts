import type { OptionValues } from "./command.ts";
import type { PlaceChoices } from "./workspace.ts";

/** Options that several commands have, said once. */
export const CONFIG_OPTION = {
  config: {
    type: "string",
    short: "c",
    value: "FILE",
    summary: "The config file; else it is looked for upward from here",
  },
  env: {
    type: "string",
    value: "NAME",
    summary: "Lay milvus-backup.config.NAME.* over the config; else MILVUS_BACKUP_ENV",
  },
} as const;

export const JSON_OPTION = {
  json: { type: "boolean", summary: "Print JSON for programs" },
} as const;

export const EVENTS_OPTION = {
  json: { type: "boolean", summary: "Print events as JSON lines, the report as the last one" },
  "log-format": {
    type: "string",
    value: "HOW",
    choices: ["pretty", "json"],
    summary: "What stderr gets: pretty (default), or json, a line for each event",
  },
} as const;

export const RESUME_OPTION = {
  resume: { type: "boolean", summary: "Go on with the backup that was interrupted, or refuse and say why not" },
} as const;

export const IDENTITY_OPTION = {
  identity: {
    type: "string",
    multiple: true,
    value: "FILE",
    summary: "A file with age identities, for an encrypted backup; may be repeated. Else MILVUS_BACKUP_IDENTITY",
  },
} as const;

export const POLICIES_OPTIONS = {
  all: { type: "boolean", summary: "Every policy" },
  group: {
    type: "string",
    multiple: true,
    value: "NAME",
    names: "groups",
    summary: "The policies of a group of the config; may be repeated",
  },
} as const;

export const SOURCE_OPTIONS = {
  source: {
    type: "string",
    value: "NAME",
    names: "sources",
    summary: "A source of the config, or host:port of a Milvus",
  },
  "source-storage": {
    type: "string",
    value: "PLACE",
    names: "storages",
    summary: "Where that Milvus keeps its segments",
  },
} as const;

export const TARGET_OPTION = {
  target: {
    type: "string",
    short: "t",
    value: "PLACE",
    names: "storages",
    summary: "Where backups are: a storage of the config, a path, or s3://bucket/prefix?endpoint=…",
  },
} as const;

type PlaceOptions = typeof SOURCE_OPTIONS & typeof TARGET_OPTION & typeof CONFIG_OPTION;

/** The options that say where things are, in the words of the library. */
export function readPlaces(options: OptionValues<PlaceOptions>): PlaceChoices {
  const { config, env: environment, source, target, "source-storage": sourceStorage } = options;
  return { config, environment, source, sourceStorage, target };
}
