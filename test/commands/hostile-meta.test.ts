/** Meta files that somebody made to do harm, or a disk did: a restore refuses them before it makes anything. */
import { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { bytesBody } from "../../src/io/body.ts";
import { createConfigFolder, type ConfigFolder } from "../support/config-folder.ts";
import { type FakeMilvus, startFakeMilvus } from "../support/fake-milvus.ts";
import { readGolden } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

const BOOK_ID = "470664302226309165";
let folder: ConfigFolder;
let fake: FakeMilvus;
/** The golden backup's full_meta.json. */
let meta: string;

beforeAll(async () => {
  folder = await createConfigFolder({});
  fake = await startFakeMilvus((await createMilvusWorld([])).handlers, { version: "v2.3.5" });
  meta = await readGolden("v0.5.16", META_KEYS.full);
  await using storage = await openLocal(join(folder.path, "nas"), false);
  await writeGolden(storage, "v0.5.16", "fine");
  await writeGolden(storage, "v0.5.16", "hostile");
});

afterAll(async () => {
  await fake[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function restoreOf(content: string | Uint8Array, ...options: readonly string[]): Promise<CommandResult> {
  await using storage = await openLocal(join(folder.path, "nas"), false);
  await storage.write(`hostile/${META_KEYS.full}`, bytesBody(content));
  const places = ["--target", "./nas", "--source", fake.address, "--source-storage", "./data"];
  return runCommand({ cwd: folder.path }, "restore", "hostile", "--suffix", "_h", ...places, ...options);
}

function edit(from: string | RegExp, to: string): () => string {
  return () => {
    const text = meta.replace(from, to);
    if (text === meta) throw new Error(`There is no ${from} in the golden meta`);
    return text;
  };
}

const deep = (open: string, close: string): (() => string) =>
  edit("{", `{"x":${open.repeat(100_000)}${close.repeat(100_000)},`);
const insertByte = (byte: number) => (): Uint8Array =>
  Buffer.concat([Buffer.from(meta.slice(0, 900)), Uint8Array.of(byte), Buffer.from(meta.slice(900))]);

describe("restore ends with 4, and makes nothing, for a meta file with", () => {
  it.each<{ what: string; make: () => string | Uint8Array }>([
    { what: "a path for a collection's name", make: edit('"collection_name":"book"', '"collection_name":"../../x"') },
    { what: "a path for a database's name", make: edit('"db_name":"db1"', '"db_name":"../x"') },
    { what: "a path for a partition's name", make: edit('"partition_name":"_default"', '"partition_name":"a/b"') },
    { what: "an empty name", make: edit('"collection_name":"book"', '"collection_name":""') },
    { what: "a name with a NUL", make: edit('"collection_name":"book"', '"collection_name":"b\\u0000"') },
    {
      what: "a name of 300 characters",
      make: edit('"collection_name":"book"', `"collection_name":"${"x".repeat(300)}"`),
    },
    { what: "one name for two collections", make: edit('"collection_name":"users"', '"collection_name":"book"') },
    {
      what: "another collection's id",
      make: edit(/"collection_id":470664302226709251/g, `"collection_id":${BOOK_ID}`),
    },
    { what: "a negative id", make: edit(new RegExp(`"collection_id":${BOOK_ID}`, "g"), '"collection_id":-1') },
    { what: "a path for an id", make: edit(`"collection_id":${BOOK_ID}`, '"collection_id":"a/b"') },
    { what: "an id of 2^64", make: edit(`"collection_id":${BOOK_ID}`, '"collection_id":18446744073709551616') },
    { what: "a huge exponent for an id", make: edit(`"collection_id":${BOOK_ID}`, '"collection_id":1e400') },
    { what: "two ids", make: edit(`"collection_id":${BOOK_ID}`, `"collection_id":${BOOK_ID},"collection_id":7`) },
    { what: "a log's id that is none", make: edit(/"log_id":\d+/, '"log_id":-7') },
    { what: "a log's size beyond 2^53", make: edit(/"log_size":\d+/, '"log_size":9223372036854775807') },
    { what: "a path for a list", make: edit('"collection_backups":[', '"collection_backups":"../x","y":[') },
    { what: "objects 100,000 deep", make: deep('{"x":', "1}") },
    { what: "lists 100,000 deep", make: deep("[", "]") },
    { what: "a byte order mark", make: () => `\uFEFF${meta}` },
    { what: "a NUL byte", make: insertByte(0) },
    { what: "a byte that is not UTF-8", make: insertByte(0xff) },
    { what: "two documents", make: () => meta + meta },
    { what: "nothing in it", make: () => "" },
  ])("$what", async ({ make }) => {
    const before = await readdir(folder.path, { recursive: true });
    const asked = fake.requests.length;
    const { status, stdout, stderr } = await restoreOf(make());
    expect([status, stdout, stderr]).toEqual([4, "", expect.stringMatching(/^error: Cannot read .*meta/)]);
    const made = fake.requests.slice(asked).filter(({ rpc }) => /^(Create|Import|Drop|Alter)/.test(rpc));
    expect(made).toEqual([]);
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
    const listed = await runCommand({ cwd: folder.path }, "list", "--target", "./nas", "--json");
    expect(JSON.parse(listed.stdout)).toContainEqual(expect.objectContaining({ name: "fine", state: "complete" }));
  });

  it("an end after any fiftieth of it", async () => {
    for (let fiftieth = 0; fiftieth < 50; fiftieth += 1) {
      const { status, stdout } = await restoreOf(meta.slice(0, Math.floor((meta.length * fiftieth) / 50)));
      expect([fiftieth, status, stdout]).toEqual([fiftieth, 4, ""]);
    }
  }, 60_000);
});

it("restore takes __proto__ and constructor for keys like others, which do nothing", async () => {
  const keys = '{"__proto__":{"size":1},"constructor":{"prototype":{"size":1}},';
  expect((await restoreOf(edit("{", keys)(), "--dry-run")).status).toBe(0);
  expect("size" in {}).toBe(false);
});
