/** Backups that are damaged, each in one way, and what every command must say of them. */
import { Buffer } from "node:buffer";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { Damage } from "../../src/core/check-outcome.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { keysOf } from "./storage-content.ts";

/** What a look at one level comes to: sound, refused since it is no backup, or the first damage and how many there are. */
type Look = "ok" | "refused" | "not-found" | readonly [kind: Damage["kind"], key: string, found?: number];

export interface DamagedBackup {
  /** What is wrong, as the end of a test's title. */
  readonly name: string;
  /** Of the backup b1: the collections default.a (200) and shop.b (300), of 8 objects each. */
  readonly damage: (storage: Storage) => Promise<void>;
  /** The state that list shows; absent when it is not listed. */
  readonly list?: "complete" | "failed" | "interrupted";
  readonly metadata: Look;
  readonly objects: Look;
  readonly checksum: Look;
  /** What a restore ends with; nothing is restored but in the case of 0. */
  readonly restore: "complete" | "damaged" | "refused" | "not-found";
  /**
   * What retention makes of it behind a newer whole backup that was not verified, once this one was. stays: as the newest
   * verified one; not-its: it is no backup of the policy.
   */
  readonly prune: "goes" | "stays" | "not-its";
  /** What garbage collection does: left is what it cannot tell of. */
  readonly gc: "nothing" | "stray" | "finished" | "left" | "foreign";
}

const OBJECT = "binlogs/insert_log/200/201/250/250/100/1";
const EXTRA_DELTA = "binlogs/delta_log/200/201/250/250/9";
const LIST = "meta/objects/200.jsonl.gz";
const FULL = "meta/full_meta.json";
const MANIFEST = "meta/manifest.json";

const PRUNED = { prune: "goes", gc: "nothing" } as const;
const UNTOLD = { prune: "goes", gc: "left" } as const;
const NOT_OURS = { prune: "not-its", gc: "foreign" } as const;
const DELETED = { prune: "not-its", gc: "finished" } as const;
const SOUND = { list: "complete", metadata: "ok", objects: "ok", checksum: "ok", ...PRUNED } as const;

/** The same at every level. */
function everywhere(look: Look): Pick<DamagedBackup, "metadata" | "objects" | "checksum"> {
  return { metadata: look, objects: look, checksum: look };
}

export const DAMAGED_BACKUPS: readonly DamagedBackup[] = [
  { name: "nothing is wrong", ...SOUND, damage: async () => {}, restore: "complete", prune: "stays" },
  {
    name: "a payload is truncated",
    ...SOUND,
    damage: (storage) => change(storage, OBJECT, (text) => text.slice(0, -4)),
    objects: ["resized", OBJECT],
    checksum: ["resized", OBJECT],
    restore: "damaged",
  },
  {
    name: "a byte of a payload is flipped",
    ...SOUND,
    damage: (storage) => change(storage, OBJECT, flipByte),
    checksum: ["changed", OBJECT],
    restore: "damaged",
  },
  {
    name: "a payload is longer than it was",
    ...SOUND,
    damage: (storage) => change(storage, OBJECT, (text) => `${text}!`),
    objects: ["resized", OBJECT],
    checksum: ["resized", OBJECT],
    restore: "damaged",
  },
  {
    name: "an object is missing",
    ...SOUND,
    damage: (storage) => remove(storage, OBJECT),
    objects: ["missing", OBJECT],
    checksum: ["missing", OBJECT],
    restore: "damaged",
  },
  {
    name: "a delta log is there that nothing names",
    ...SOUND,
    gc: "stray",
    damage: (storage) => write(storage, EXTRA_DELTA, "deletes"),
    objects: ["extra", EXTRA_DELTA],
    checksum: ["extra", EXTRA_DELTA],
    restore: "damaged",
  },
  {
    name: "a collection's directory is missing",
    ...SOUND,
    damage: (storage) => remove(storage, "binlogs/insert_log/300/"),
    objects: ["missing", "binlogs/insert_log/300/301/350/350/0/1", 8],
    checksum: ["missing", "binlogs/insert_log/300/301/350/350/0/1", 8],
    restore: "damaged",
  },
  {
    name: "full_meta.json is missing",
    ...PRUNED,
    list: "interrupted",
    damage: (storage) => remove(storage, FULL),
    ...everywhere(["missing", FULL]),
    restore: "refused",
  },
  {
    name: "full_meta.json is truncated",
    ...UNTOLD,
    list: "complete",
    damage: (storage) => change(storage, FULL, (text) => text.slice(0, text.length / 2)),
    ...everywhere(["unreadable", FULL]),
    restore: "damaged",
  },
  {
    name: "a level file is truncated",
    ...PRUNED,
    list: "complete",
    damage: (storage) => change(storage, "meta/segment_meta.json", (text) => text.slice(0, -20)),
    ...everywhere(["unreadable", "meta/segment_meta.json"]),
    restore: "complete",
  },
  {
    name: "a level file is missing",
    ...PRUNED,
    list: "complete",
    damage: (storage) => remove(storage, "meta/partition_meta.json"),
    ...everywhere(["missing", "meta/partition_meta.json"]),
    restore: "complete",
  },
  {
    name: "the meta files tell of other rows than the manifest",
    ...PRUNED,
    list: "complete",
    damage: (storage) => change(storage, FULL, (text) => text.replace(/"num_of_rows":5/, '"num_of_rows":6')),
    ...everywhere(["different", "", 2]),
    restore: "damaged",
  },
  {
    name: "the manifest says that it is being deleted",
    ...DELETED,
    damage: (storage) => change(storage, MANIFEST, (text) => text.replace('"complete"', '"deleting"')),
    ...everywhere("refused"),
    restore: "refused",
  },
  {
    name: "its deletion was stopped half-way",
    ...DELETED,
    damage: async (storage) => {
      await change(storage, MANIFEST, (text) => text.replace('"complete"', '"deleting"'));
      for (const key of ["meta/backup_meta.json", FULL, "binlogs/insert_log/200/"]) await remove(storage, key);
    },
    ...everywhere("refused"),
    restore: "refused",
  },
  {
    name: "the manifest is garbled",
    ...NOT_OURS,
    gc: "left",
    list: "failed",
    damage: (storage) => change(storage, MANIFEST, (text) => text.slice(10)),
    ...everywhere(["unreadable", MANIFEST]),
    restore: "damaged",
  },
  {
    name: "the manifest is missing",
    ...NOT_OURS,
    list: "complete",
    damage: (storage) => remove(storage, MANIFEST),
    ...everywhere(["missing", MANIFEST]),
    restore: "complete",
  },
  {
    name: "the list of objects is missing",
    ...UNTOLD,
    list: "complete",
    damage: (storage) => remove(storage, LIST),
    ...everywhere(["unreadable", LIST]),
    restore: "damaged",
  },
  {
    name: "the list of objects is garbled",
    ...UNTOLD,
    list: "complete",
    damage: (storage) => change(storage, LIST, (text) => text.slice(0, -9)),
    ...everywhere(["unreadable", LIST]),
    restore: "damaged",
  },
  {
    name: "the list of objects is another collection's",
    ...UNTOLD,
    list: "complete",
    damage: async (storage) => {
      const { body } = await storage.read("b1/meta/objects/300.jsonl.gz");
      await storage.write(`b1/${LIST}`, bytesBody(await readBytes(body)));
    },
    metadata: ["different", LIST],
    objects: ["different", LIST, 17],
    checksum: ["different", LIST, 17],
    restore: "complete",
  },
  {
    name: "only the payload is left",
    ...NOT_OURS,
    list: "interrupted",
    damage: (storage) => remove(storage, "meta/"),
    ...everywhere("refused"),
    restore: "refused",
  },
  {
    name: "a foreign directory has its name",
    ...NOT_OURS,
    damage: async (storage) => {
      await remove(storage, "");
      await write(storage, "holiday.jpg", "sun");
    },
    ...everywhere("refused"),
    restore: "not-found",
  },
];

async function change(storage: Storage, key: string, edit: (text: string) => string): Promise<void> {
  const { body } = await storage.read(`b1/${key}`);
  const text = Buffer.from(await readBytes(body)).toString("latin1");
  const edited = edit(text);
  if (edited === text) throw new Error(`Nothing was changed in ${key}`);
  await storage.write(`b1/${key}`, bytesBody(Buffer.from(edited, "latin1")));
}

function flipByte(text: string): string {
  return `${String.fromCharCode(text.charCodeAt(0) ^ 1)}${text.slice(1)}`;
}

async function write(storage: Storage, key: string, text: string): Promise<void> {
  await storage.write(`b1/${key}`, bytesBody(text));
}

/** A key, or all below it when it ends with a slash. */
async function remove(storage: Storage, key: string): Promise<void> {
  await storage.delete(key === "" || key.endsWith("/") ? await keysOf(storage, `b1/${key}`) : [`b1/${key}`]);
}
