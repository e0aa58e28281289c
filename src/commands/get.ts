import type { BackupEntry } from "../catalog/entry.ts";
import type { OpenBackup } from "../catalog/open-backup.ts";
import { formatName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import type { CollectionSummary } from "../core/contracts/library.ts";
import { formatPin } from "../core/pin.ts";
import { formatBytes, formatCount } from "../core/quantities.ts";
import type { Manifest, ManifestEncryption } from "../format/manifest.ts";
import { formatTable } from "../report/table.ts";
import type { Column } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import type { BackupView } from "./get-backup.ts";
import { CONFIG_OPTION, IDENTITY_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";

export const get: Command = defineCommand({
  name: "get",
  summary: "Show one backup: its collections, and what is not in it",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "With --json the whole of it: the manifest, and of each collection the meta with every segment and log.",
    "With --rows each collection has rows, deleted and live; delete logs are read for that. With --policy only the policy",
    "that made it, in a config that holds what the policy names: where the repository is lost, that is the way back to it.",
  ].join("\n"),
  options: {
    policy: { type: "boolean", summary: "Print the policy that made it, as a config in YAML" },
    rows: { type: "boolean", summary: "Count the rows that a restore would bring back" },
    ...TARGET_OPTION,
    ...IDENTITY_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup get nightly_20261124_020000", does: "What is in it" },
    { command: "milvus-backup get nightly_20261124_020000 --rows", does: "How many of its rows are live" },
    {
      command:
        "milvus-backup get nightly_20261124_020000 --target s3://a-bucket/milvus --policy > milvus-backup.config.yaml",
      does: "Back to a config, from nothing but the backup",
    },
    {
      command: "milvus-backup get nightly_20261124_020000 --json | jq '.collections[].collection_name'",
      does: "Names for a script",
    },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { viewBackup } = await import("./get-backup.ts");
    const { json = false, rows = false, policy = false, identity: identities } = options;
    await viewBackup(
      { ...readPlaces(options), rows, backup, identities },
      deps,
      async ({ entry, opened, summarize }) => {
        if (policy) return deps.print(await formatPolicy(entry, opened?.manifest, json));
        if (opened === undefined) return deps.print(json ? JSON.stringify(entry) : formatLeftover(entry));
        return (json ? printJson : printText)(deps, { opened, rows, summarize });
      },
    );
    return 0;
  },
});

/** Only of a backup: what is none proves nothing of the policy either. */
async function formatPolicy({ name }: BackupEntry, manifest: Manifest | undefined, json: boolean): Promise<string> {
  const config = manifest?.policy?.config;
  if (config === undefined) {
    throw new BackupError("not-found", `The backup ${name} does not hold a policy`, {
      hint: "only backups that a policy made have it, and those that have become one",
    });
  }
  const { formatYaml } = await import("../config/format-yaml.ts");
  return json ? JSON.stringify(config) : formatYaml(config).trimEnd();
}

function formatLeftover({ name, state, reason }: BackupEntry): string {
  return `${name} is ${state}${reason === undefined ? "" : `: ${reason}`}`;
}

/** What is shown of a backup that is one. */
interface Showing extends Pick<BackupView, "summarize"> {
  readonly opened: OpenBackup;
  /** Deleted and live ones, too. */
  readonly rows: boolean;
}

/** One JSON document, a collection at a time, since the meta of a large backup does not fit into memory. */
async function printJson({ print }: CommandDeps, { opened, rows, summarize }: Showing): Promise<void> {
  const { entry, manifest, head, collections } = opened;
  print(`${toJson({ ...entry, manifest, head }).slice(0, -1)},"collections":[`);
  let separator = "";
  for await (const collection of collections) {
    print(separator + toJson(rows ? { ...collection, ...countsOf(await summarize(collection)) } : collection));
    separator = ",";
  }
  print("]}");
}

/** 64-bit integers as strings: most readers of JSON would round them. */
function toJson(value: object): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member));
}

function countsOf({ rows, deleted, live }: CollectionSummary): object {
  return { rows, deleted, live };
}

async function printText({ print }: CommandDeps, { opened, rows, summarize }: Showing): Promise<void> {
  const lines: string[][] = [];
  for await (const collection of opened.collections) lines.push(toCells(await summarize(collection), rows));
  const facts = factsOf(opened).flatMap(([title, value]) =>
    value === undefined ? [] : [`  ${title.padEnd(12)}${value}`],
  );
  print(`${opened.entry.name}\n${facts.join("\n")}\n`);
  print(formatTable(columnsOf(rows), lines));
  for (const { database, name, state, reason = "", partitions } of opened.manifest?.collections ?? []) {
    if (state !== "complete") print(`${database}.${name} is ${state}: ${reason}`);
    if (partitions !== undefined) print(`${database}.${name} has only the partitions ${partitions.taken.join(", ")}`);
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
    ["verified", entry.verified && `${entry.verified.level}, ${entry.verified.at}`],
    ["damaged", entry.damaged],
    ["pinned", entry.pinned && formatPin(entry.pinned)],
    ["consistency", manifest?.consistency],
    ["encrypted", manifest?.encryption && describeEncryption(manifest.encryption)],
  ];
}

function describeEncryption({ recipients }: ManifestEncryption): string {
  return `to ${recipients.join(", ")}; the Go tool cannot read it`;
}

function columnsOf(rows: boolean): readonly Column[] {
  const numbers = ["ROWS", ...(rows ? ["DELETED", "LIVE"] : []), "PARTITIONS", "SEGMENTS", "BYTES"];
  const right = numbers.map((title): Column => ({ title, align: "right" }));
  return [{ title: "COLLECTION" }, ...right, { title: "INDEXES" }, { title: "ALIASES" }];
}

function toCells(summary: CollectionSummary, rows: boolean): string[] {
  const { deleted = 0, live = 0, indexes, aliases, partitionsAtSource: ofAll } = summary;
  return [
    formatName(summary),
    formatCount(summary.rows),
    ...(rows ? [formatCount(deleted), formatCount(live)] : []),
    formatCount(summary.partitions) + (ofAll === undefined ? "" : ` of ${formatCount(ofAll)}`),
    formatCount(summary.segments),
    formatBytes(summary.bytes),
    indexes.map(({ field, type }) => `${field} ${type}`.trim()).join(", "),
    aliases.join(", "),
  ];
}
