import { openBackup } from "../catalog/open-backup.ts";
import type { OpenBackup } from "../catalog/open-backup.ts";
import { formatBytes, formatCount } from "../core/quantities.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { segmentsOf } from "../format/segments.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { findTarget } from "./find-target.ts";
import { openTarget } from "./open-places.ts";
import { CONFIG_OPTION, JSON_OPTION, TARGET_OPTION } from "./options.ts";
import { loadWorkspace } from "./workspace.ts";

export const get: Command = defineCommand({
  name: "get",
  summary: "Show one backup: its collections, and what is not in it",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  details: "With --json the whole of it: the manifest, and of each collection the meta with every segment and log.",
  options: { ...TARGET_OPTION, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup get nightly_20261124_020000", does: "What is in it" },
    {
      command: "milvus-backup get nightly_20261124_020000 --json | jq '.collections[].collection_name'",
      does: "Names for a script",
    },
  ],
  async run(deps, { names: [name = ""], options }) {
    const config = await loadWorkspace(deps, options);
    const { settings, entry } = await findTarget(config, name, { flags: options, deps });
    await using target = await openTarget(config, settings, deps);
    const isBackup = entry.state === "complete" || entry.state === "partial";
    if (!isBackup) {
      deps.print(
        options.json
          ? JSON.stringify(entry)
          : `${name} is ${entry.state}${entry.reason === undefined ? "" : `: ${entry.reason}`}`,
      );
      return 0;
    }
    const opened = await openBackup(target.storage, name, { signal: deps.signal });
    await (options.json ? printJson(deps, opened) : printText(deps, opened));
    return 0;
  },
});

/** One JSON document, a collection at a time, since the meta of a large backup does not fit into memory. */
async function printJson({ print }: CommandDeps, { entry, manifest, head, collections }: OpenBackup): Promise<void> {
  print(`${toJson({ ...entry, manifest, head }).slice(0, -1)},"collections":[`);
  let separator = "";
  for await (const collection of collections) {
    print(separator + toJson(collection));
    separator = ",";
  }
  print("]}");
}

/** 64-bit integers as strings: most readers of JSON would round them. */
function toJson(value: object): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member));
}

async function printText({ print }: CommandDeps, opened: OpenBackup): Promise<void> {
  const rows: string[][] = [];
  for await (const collection of opened.collections) rows.push(toRow(collection));
  const facts = factsOf(opened).flatMap(([title, value]) =>
    value === undefined ? [] : [`  ${title.padEnd(12)}${value}`],
  );
  print(`${opened.entry.name}\n${facts.join("\n")}\n`);
  print(formatTable(COLUMNS, rows));
  for (const { database, name, state, reason = "" } of opened.manifest?.collections ?? []) {
    if (state !== "complete") print(`${database}.${name} is ${state}: ${reason}`);
  }
}

function factsOf({ entry, manifest }: OpenBackup): readonly (readonly [string, string | undefined])[] {
  return [
    ["state", entry.state],
    ["started", entry.startedAt ?? "unknown"],
    ["bytes", formatBytes(entry.bytes)],
    ["made by", entry.madeBy],
    ["milvus", entry.milvusVersion],
    ["policy", entry.policy],
    ["consistency", manifest?.consistency],
  ];
}

const RIGHT = { align: "right" } as const;
const COLUMNS = [
  { title: "COLLECTION" },
  { title: "ROWS", ...RIGHT },
  { title: "PARTITIONS", ...RIGHT },
  { title: "SEGMENTS", ...RIGHT },
  { title: "BYTES", ...RIGHT },
  { title: "INDEXES" },
  { title: "ALIASES" },
];

function toRow(collection: CollectionMeta): string[] {
  const segments = [...segmentsOf(collection)];
  const rows = segments.reduce((sum, { num_of_rows = 0n }) => sum + num_of_rows, 0n);
  return [
    `${collection.db_name ?? "default"}.${collection.collection_name}`,
    formatCount(rows),
    formatCount(collection.partition_backups?.length ?? 0),
    formatCount(segments.length),
    formatBytes(Number(collection.size)),
    (collection.index_infos ?? [])
      .map(({ field_name = "", index_type = "" }) => `${field_name} ${index_type}`.trim())
      .join(", "),
    (collection.aliases ?? []).join(", "),
  ];
}
