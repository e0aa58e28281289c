import { Buffer } from "node:buffer";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { ObjectBody } from "../../src/core/contracts/storage.ts";
import { bytesBody, fileBody, objectBody, readBytes } from "../../src/io/body.ts";

const text = async (body: ObjectBody, offset?: number): Promise<string> =>
  Buffer.from(await readBytes(body.open(offset))).toString();

/** The same seven bytes, wherever they come from. */
async function bodies(directory: string): Promise<readonly ObjectBody[]> {
  const storage = openMemory();
  await storage.write("a/b", bytesBody("größer"));
  await writeFile(join(directory, "f"), "größer");
  const object = objectBody(storage, { key: "a/b", bytes: 8 });
  return [bytesBody("größer"), bytesBody(Buffer.from("größer")), await fileBody(join(directory, "f")), object];
}

describe("bodies", () => {
  it("bytesBody(), fileBody() and objectBody() tell their size and can be opened again, at any place", async () => {
    const directory = await mkdtemp(join(tmpdir(), "milvus-backup-body-"));
    try {
      for (const body of await bodies(directory)) {
        expect([body.size, await text(body), await text(body), await text(body, 6), await text(body, 8)]).toEqual([
          8,
          "größer",
          "größer",
          "er",
          "",
        ]);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("bytesBody() of nothing is empty", async () => {
    expect([bytesBody("").size, await text(bytesBody(""))]).toEqual([0, ""]);
  });

  it("fileBody() and objectBody() fail for what is not there", async () => {
    await expect(fileBody("/nowhere/at/all")).rejects.toThrow("ENOENT");
    const body = objectBody(openMemory(), { key: "none", bytes: 1 });
    await expect(readBytes(body.open())).rejects.toMatchObject({ code: "missing" });
  });

  it("objectBody() stops when its signal does", async () => {
    const storage = openMemory();
    await storage.write("a", bytesBody("a"));
    const body = objectBody(storage, { key: "a", bytes: 1 }, AbortSignal.abort());
    await expect(readBytes(body.open())).rejects.toMatchObject({ code: "aborted" });
  });
});
