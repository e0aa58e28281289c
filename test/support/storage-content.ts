import { Buffer } from "node:buffer";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";

export async function keysOf(storage: Storage, prefix = ""): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const entry of storage.list(prefix)) if (entry.kind === "object") keys.push(entry.key);
  return keys;
}

export async function readText(storage: Storage, key: string): Promise<string> {
  return Buffer.from(await readBytes((await storage.read(key)).body)).toString();
}

/** What every object holds, by its key; compressed ones as well as text. */
export async function contentsOf(storage: Storage, prefix = ""): Promise<Readonly<Record<string, string>>> {
  const contents: Record<string, string> = {};
  for (const key of await keysOf(storage, prefix)) {
    contents[key] = Buffer.from(await readBytes((await storage.read(key)).body)).toString("latin1");
  }
  return contents;
}

export async function writeAll(storage: Storage, contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, content] of Object.entries(contents)) await storage.write(key, bytesBody(content));
}

/** Every object of one storage in another, bytes as they are. */
export async function copyStorage(from: Storage, to: Storage): Promise<void> {
  for (const key of await keysOf(from)) await to.write(key, bytesBody(await readBytes((await from.read(key)).body)));
}

/** The same objects in a storage of their own. */
export async function cloneStorage(storage: Storage): Promise<Storage> {
  const clone = openMemory();
  await copyStorage(storage, clone);
  return clone;
}
