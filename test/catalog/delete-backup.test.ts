import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { deleteBackup, deleteKeys } from "../../src/catalog/delete-backup.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { readEntry } from "../../src/catalog/read-entry.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { failingStorage, failOn, killedAfter } from "../support/failing-storage.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { manifestOf } from "../support/manifests.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { contentsOf, keysOf, writeAll } from "../support/storage-content.ts";

const PAYLOAD = ["binlogs/delta_log/10/20/1/1/5", "binlogs/insert_log/10/20/1/1/100/4"];
const LIST = "meta/objects/10.jsonl.gz";
const META = Object.values(META_KEYS);

/** One of ours, and beside it one whose name begins alike. */
async function openOurs(): Promise<Storage> {
  const storage = openMemory();
  await storage.write(`b1/${MANIFEST_KEY}`, bytesBody(encodeManifest(manifestOf("b1"))));
  await writeAll(storage, Object.fromEntries([...META, ...PAYLOAD, LIST].map((key) => [`b1/${key}`, "x"])));
  await storage.write(`b10/${MANIFEST_KEY}`, bytesBody(encodeManifest(manifestOf("b10"))));
  return storage;
}

describe("deleteBackup()", () => {
  it("deleteBackup() marks the manifest, then takes what makes it a backup, payload, lists, the manifest last", async () => {
    const storage = recordingStorage(await openOurs());
    expect(await deleteBackup(storage, "b1")).toBe(9);
    expect([...new Set(storage.changes)]).toEqual([
      `write b1/${MANIFEST_KEY}`,
      `delete b1/${META_KEYS.backup}`,
      `delete b1/${META_KEYS.full}`,
      `delete b1/${META_KEYS.collection}`,
      `delete b1/${META_KEYS.partition}`,
      `delete b1/${META_KEYS.segment}`,
      ...PAYLOAD.map((key) => `delete b1/${key}`),
      `delete b1/${LIST}`,
      `delete b1/${MANIFEST_KEY}`,
    ]);
    expect(await keysOf(storage)).toEqual([`b10/${MANIFEST_KEY}`]);
  });

  it("deleteBackup() says deleting in the manifest before anything goes", async () => {
    const storage = await openOurs();
    await expect(deleteBackup(failingStorage(storage, killedAfter(1)), "b1")).rejects.toThrow("killed");
    expect(await readManifest(storage, "b1")).toEqual(manifestOf("b1", { state: "deleting" }));
    expect(await keysOf(storage, "b1/")).toHaveLength(9);
  });

  it("deleteBackup() that is killed anywhere leaves no backup, and what is left a second one removes", async () => {
    const whole = recordingStorage(await openOurs());
    await deleteBackup(whole, "b1");
    const changes = whole.changes.length;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: changes - 1 }), async (after) => {
        const storage = await openOurs();
        await expect(deleteBackup(failingStorage(storage, killedAfter(after)), "b1")).rejects.toThrow("killed");
        expect((await listBackups(storage)).map(({ name }) => name)).toEqual(["b10"]);
        expect((await findBackup(storage, "b1")).state).toBe("deleting");
        await deleteBackup(storage, "b1");
        expect(await keysOf(storage)).toEqual([`b10/${MANIFEST_KEY}`]);
      }),
      { numRuns: changes },
    );
  });

  it.each(GOLDEN_RELEASES)(
    "deleteBackup() of the Go tool's %s that is killed anywhere is not listed as complete, and a second one finishes",
    async (release) => {
      const golden = openMemory();
      await writeGolden(golden, release, "g1");
      const keys = await keysOf(golden);
      const whole = recordingStorage(golden);
      expect(await deleteBackup(whole, "g1")).toBe(keys.length);
      const changes = whole.changes.length;
      for (const after of [2, 3, 5, 6, 7, 40, changes - 3, changes - 2, changes - 1]) {
        const storage = openMemory();
        await writeAll(storage, Object.fromEntries(keys.map((key) => [key, key.includes("/meta/") ? "{}" : "x"])));
        await expect(deleteBackup(failingStorage(storage, killedAfter(after)), "g1")).rejects.toThrow("killed");
        const left = await keysOf(storage);
        expect((await listBackups(storage)).map(({ name, state }) => [name, state])).toEqual(
          left.length === 0 ? [] : [["g1", "interrupted"]],
        );
        await deleteBackup(storage, "g1");
        expect(await keysOf(storage)).toEqual([]);
      }
    },
  );

  it("deleteBackup() removes one whose manifest is damaged, the manifest last", async () => {
    const storage = recordingStorage(await openOurs());
    await storage.write(`b1/${MANIFEST_KEY}`, bytesBody("{"));
    expect((await findBackup(storage, "b1")).state).toBe("failed");
    await deleteBackup(storage, "b1");
    expect([await keysOf(storage, "b1/"), storage.changes.at(-1)]).toEqual([[], `delete b1/${MANIFEST_KEY}`]);
  });

  it("deleteBackup() leaves alone one that a newer release made", async () => {
    const storage = await openOurs();
    await storage.write(`b1/${MANIFEST_KEY}`, bytesBody('{"formatVersion":2}'));
    await expect(deleteBackup(storage, "b1")).rejects.toMatchObject({ code: "refused" });
    expect(await keysOf(storage, "b1/")).toHaveLength(9);
  });

  it("deleteBackup() tells how far it is, batch by batch", async () => {
    const storage = openMemory();
    const keys = Array.from({ length: 2500 }, (_, log) => `b1/binlogs/insert_log/1/2/3/3/100/${log}`);
    await writeAll(storage, Object.fromEntries(keys.map((key) => [key, ""])));
    const told: number[] = [];
    expect(await deleteBackup(storage, "b1", { onProgress: (deleted) => void told.push(deleted) })).toBe(2500);
    expect([told[0], told[1], told.at(-1)]).toEqual([1000, 2000, 2500]);
  });

  it("deleteBackup() removes thousands of files from a disk, and their directories", async () => {
    const directory = await mkdtemp(join(tmpdir(), "milvus-backup-delete-"));
    try {
      await using storage = await openLocal(directory, false);
      const keys = Array.from({ length: 1100 }, (_, log) => `b1/binlogs/insert_log/1/2/${log % 50}/3/100/${log}`);
      await writeAll(storage, Object.fromEntries(keys.map((key) => [key, "x"])));
      expect(await deleteBackup(storage, "b1")).toBe(1100);
      expect((await readdir(directory)).filter((name) => !name.startsWith("."))).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("deleteBackup() stops when its signal does", async () => {
    const storage = await openOurs();
    await expect(deleteBackup(storage, "b1", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(await keysOf(storage, "b1/")).toHaveLength(9);
  });

  it("deleteBackup() fails when the storage refuses", async () => {
    const storage = failingStorage(
      await openOurs(),
      failOn("denied", ({ kind }) => kind === "delete"),
    );
    await expect(deleteBackup(storage, "b1")).rejects.toMatchObject({ code: "denied" });
  });
});

describe("a backup under a retention lock", () => {
  it("deleteBackup() is refused by its first file, and leaves the backup that it was", async () => {
    const storage = await openOurs();
    const before = await contentsOf(storage);
    const locked: Storage = { ...storage, delete: async (keys) => ({ deleted: [], failed: [], retained: [...keys] }) };
    await expect(deleteBackup(locked, "b1")).rejects.toMatchObject({
      code: "refused",
      facts: { retained: ["b1/meta/backup_meta.json"] },
    });
    expect(await contentsOf(storage)).toEqual(before);
    expect((await readEntry(storage, "b1"))?.state).toBe("complete");
  });

  it("deleteBackup() names each object that the store keeps, and a second one goes on once the lock has run out", async () => {
    const storage = await openOurs();
    const isKept = (key: string): boolean => key.includes("/binlogs/");
    const locked: Storage = {
      ...storage,
      delete: async (keys) => {
        const { deleted } = await storage.delete(keys.filter((key) => !isKept(key)));
        return { deleted, failed: [], retained: keys.filter(isKept) };
      },
    };
    const payload = await keysOf(storage, "b1/binlogs/");
    await expect(deleteBackup(locked, "b1")).rejects.toMatchObject({ code: "refused", facts: { retained: payload } });
    expect((await readEntry(storage, "b1"))?.state).toBe("deleting");
    await deleteBackup(storage, "b1");
    expect(await keysOf(storage, "b1/")).toEqual([]);
  });
});

describe("deleteKeys()", () => {
  const answering = (answer: Partial<Awaited<ReturnType<Storage["delete"]>>>): Storage => ({
    ...openMemory(),
    delete: async () => ({ deleted: [], failed: [], retained: [], ...answer }),
  });

  it("deleteKeys() throws when some are not deleted, with the first of them and why", async () => {
    const error = new StorageError("denied", "no");
    const storage = answering({ deleted: ["a"], failed: [{ key: "b", error }] });
    await expect(deleteKeys(storage, ["a", "b"])).rejects.toMatchObject({
      code: "denied",
      message: "Cannot delete 1 of 2 objects, the first being b",
      cause: error,
    });
  });

  it("deleteKeys() is refused when the store retains some", async () => {
    await expect(deleteKeys(answering({ retained: ["a"] }), ["a", "b"])).rejects.toMatchObject({
      code: "refused",
      message: "The store keeps 1 of 2 objects under a retention lock, the first being a",
      facts: { retained: ["a"] },
    });
  });
});
