/** Compares the meta files of two backups of one Milvus, the Go tool's and ours. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { META_KEYS } from "../../src/format/keys.ts";
import { printJson } from "../../src/format/json.ts";
import type { JsonValue } from "../../src/format/json.ts";
import { parseJson } from "./parse-json.ts";

/** What a backup's five meta files say: each value by its path, `full_meta.json: size`. */
export type MetaFacts = ReadonlyMap<string, string>;

/** The facts of a backup on the disk. */
export async function readMetaFacts(directory: string): Promise<MetaFacts> {
  const facts = new Map<string, string>();
  for (const key of Object.values(META_KEYS)) {
    const text = await readFile(join(directory, key), "utf8");
    for (const [path, value] of flatten(parseJson({ text, file: key, offset: 0 }), "")) {
      facts.set(`${key.slice("meta/".length)}: ${path}`, value);
    }
  }
  return facts;
}

/**
 * A line for each fact that differs. What only one backup can say (its name, its flush) is left out; of what releases
 * before v0.5 do not write ours may have more.
 */
export function compareMetaFacts(theirs: MetaFacts, ours: MetaFacts): readonly string[] {
  const paths = [...new Set([...theirs.keys(), ...ours.keys()])].filter((path) => !isOwn(path));
  return paths.flatMap((path) => {
    const [their, our] = [theirs.get(path), ours.get(path)];
    if (their === our || (their === undefined && NEWER.test(path))) return [];
    return [`${path} is ${our ?? "not there"}, theirs ${their ?? "not there"}`];
  });
}

/** Each backup has its own, or v0.4.15 alone writes it; and where we say more on purpose, so that both lines restore it. */
const OWN = [
  /: (id|name|state_code|start_time|end_time|backup_timestamp)$/,
  /^(full|collection)_meta\.json: (collection_backups|infos)\[\d+\]\.(id|start_time|end_time|backup_timestamp|backup_physical_timestamp|channel_checkpoints\..+)$/,
  /\.backuped$/,
  /\.deltalogs\[\]\.fieldID$/,
  /^collection_meta\.json: .*\.segment_backups\[/,
  /\.schema\.properties\[/,
];

/** Not written by v0.4.15. */
const NEWER =
  /\.(log_id|index_id|db_id|created_timestamp|(virtual|physical)_channel_names\[.*|properties\[.*|aliases\[.*)$|: database_backups\[/;

function isOwn(path: string): boolean {
  return OWN.some((pattern) => pattern.test(path));
}

function* flatten(value: JsonValue, path: string): Generator<readonly [path: string, value: string]> {
  if (value === null || typeof value !== "object") {
    yield [path, printJson(value)];
    return;
  }
  const isDeltas = path.endsWith("deltalogs"); // one list a file in v0.4.15, one in all since
  const entries = isList(value)
    ? value.map((element) => [`${path}[${isDeltas ? "" : identityOf(element)}]`, element] as const)
    : Object.entries(value).map(([key, member]) => [path === "" ? key : `${path}.${key}`, member] as const);
  for (const [below, member] of entries) yield* flatten(member, below);
}

/** The first that an element has tells it apart: lists come in any order. */
const IDENTITIES = [
  "segment_id",
  "partition_id",
  "collection_id",
  "log_path",
  "fieldID",
  "key",
  "field_name",
  "db_name",
];

function identityOf(element: JsonValue): string {
  if (element === null || typeof element !== "object" || isList(element)) return printJson(element);
  const name = IDENTITIES.find((key) => key in element);
  return name === undefined ? "" : String(element[name]);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
