import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { local } from "../../plugins/storage-local/index.ts";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { BackupEntry } from "../../src/catalog/entry.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import type { Manifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { goldenDirectory, GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { manifestCollection, manifestOf } from "../support/manifests.ts";
import { writeAll } from "../support/storage-content.ts";

/** Our backup's manifest, and with it or without what commits it. */
async function writeOurs(storage: Storage, manifest: Manifest, isCommitted = true): Promise<void> {
  const files = isCommitted ? { [META_KEYS.full]: "{}", [META_KEYS.backup]: "{}" } : {};
  const contents = { [MANIFEST_KEY]: encodeManifest(manifest), ...files };
  for (const [key, text] of Object.entries(contents)) {
    await storage.write(`${manifest.backup}/${key}`, bytesBody(text));
  }
}

async function statesOf(storage: Storage): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await listBackups(storage)).map(({ name, state }) => [name, state]));
}

const LEFTOVER: Pick<BackupEntry, "madeBy" | "startedAt" | "bytes" | "collections"> = {
  madeBy: "go",
  startedAt: null,
  bytes: 0,
  collections: 0,
};

/** A storage that counts what is asked of it, and how much of that at once. */
function countRequests(storage: Storage): {
  readonly counted: Storage;
  readonly counts: { all: number; most: number };
} {
  const counts = { all: 0, now: 0, most: 0 };
  const begin = async (): Promise<void> => {
    counts.all += 1;
    counts.now += 1;
    counts.most = Math.max(counts.most, counts.now);
    await setImmediate(); // others begin meanwhile
    counts.now -= 1;
  };
  const counted: Storage = {
    ...storage,
    stat: async (key, call) => (await begin(), storage.stat(key, call)),
    read: async (key, call) => (await begin(), storage.read(key, call)),
    list: async function* (prefix, call) {
      await begin();
      yield* storage.list(prefix, call);
    },
  };
  return { counted, counts };
}

describe("listBackups()", () => {
  it("listBackups() asks three times for a backup, and for a hundred backups at once: a far target is listed in few round trips", async () => {
    const storage = openMemory();
    for (let n = 0; n < 300; n += 1) await writeOurs(storage, manifestOf(`b${n}`));
    const { counted, counts } = countRequests(storage);
    expect(await listBackups(counted)).toHaveLength(300);
    expect(counts.all).toBeLessThanOrEqual(3 * 300 + 5); // and what is beside the backups: their names, checks, pins
    expect(counts.most).toBeGreaterThanOrEqual(100);
  });

  it("listBackups() reads full_meta.json of a backup of the Go tool once", async () => {
    const storage = openMemory();
    await writeGolden(storage, "v0.5.16", "b1");
    const { counted, counts } = countRequests(storage);
    expect(await listBackups(counted)).toMatchObject([{ name: "b1", madeBy: "go", collections: 5 }]);
    expect(counts.all).toBe(2 + 3); // whether it is ours; and beside it the names, checks and pins
  });

  it("listBackups() tells of one of ours what its manifest says", async () => {
    const storage = openMemory();
    const manifest = manifestOf("b1", {
      state: "partial",
      reason: "1 of 2",
      policy: { name: "nightly", digest: "d" },
      finishedAt: "2026-11-24T02:01:00.000Z",
      collections: [manifestCollection("a", { bytes: 8 }), manifestCollection("b", { state: "failed", bytes: 0 })],
    });
    await writeOurs(storage, manifest);
    expect(await listBackups(storage)).toEqual([
      {
        name: "b1",
        state: "partial",
        madeBy: "milvus-backup-ts",
        startedAt: "2026-11-24T02:00:00.000Z",
        finishedAt: "2026-11-24T02:01:00.000Z",
        bytes: 8,
        collections: 1,
        milvusVersion: "v2.3.5",
        policy: "nightly",
        source: "prod",
        reason: "1 of 2",
      },
    ]);
  });

  it("listBackups() believes no manifest that was not committed, and lists nothing that is being deleted", async () => {
    const storage = openMemory();
    const states = ["complete", "partial", "failed", "interrupted", "deleting"] as const;
    for (const state of states) {
      await writeOurs(storage, manifestOf(`${state}_committed`, { state }));
      await writeOurs(storage, manifestOf(`${state}_not`, { state }), false);
    }
    expect(await statesOf(storage)).toEqual({
      complete_committed: "complete",
      complete_not: "interrupted",
      partial_committed: "partial",
      partial_not: "interrupted",
      failed_committed: "failed",
      failed_not: "failed",
      interrupted_committed: "interrupted",
      interrupted_not: "interrupted",
    });
  });

  it.each([META_KEYS.full, META_KEYS.backup])("listBackups() does not call complete what lacks %s", async (key) => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("b1"));
    await storage.delete([`b1/${key}`]);
    expect(await statesOf(storage)).toEqual({ b1: "interrupted" });
  });

  it("listBackups() calls running what has a live lease, and interrupted what has none", async () => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("b1", { state: "running" }), false);
    {
      await using _lease = await holdLease(storage, { owner: lockOwner("run_of_b1"), onFailure: () => {} });
      expect(await statesOf(storage)).toEqual({ b1: "running" });
    }
    expect(await statesOf(storage)).toEqual({ b1: "interrupted" });
  });

  it.each(GOLDEN_RELEASES)("listBackups() lists a backup of the Go tool %s as complete", async (release) => {
    await using storage = await local.open({ path: new URL("..", goldenDirectory(release)).pathname, durable: true });
    const startedAt = { "v0.4.15": "2026-11-23T13:51:21.552Z", "v0.5.16": expect.stringContaining("2026-11-23T") };
    expect(await listBackups(storage)).toEqual([
      {
        name: "golden",
        state: "complete",
        madeBy: "go",
        startedAt: startedAt[release],
        bytes: 460_769,
        collections: 5,
        milvusVersion: "v2.3.5-lite",
      },
    ]);
  });

  it("listBackups() lists a backup of the Go tool without full_meta.json, by its other four files", async () => {
    const storage = openMemory();
    await writeGolden(storage, "v0.4.15", "g1");
    await storage.delete([`g1/${META_KEYS.full}`]);
    expect((await listBackups(storage)).map(({ name, state, collections }) => [name, state, collections])).toEqual([
      ["g1", "complete", 5],
    ]);
    await storage.delete([`g1/${META_KEYS.segment}`]);
    expect(await listBackups(storage)).toEqual([
      { ...LEFTOVER, name: "g1", state: "interrupted", reason: "it has payload but no meta files" },
    ]);
  });

  it("listBackups() passes over what is no backup: files, other directories, names that none can have, our own", async () => {
    const storage = openMemory();
    await writeAll(storage, {
      file: "",
      "other/readme.txt": "",
      "other/binlogs": "",
      "1st/meta/full_meta.json": "{}",
      "a.b/meta/manifest.json": "{}",
      ".milvus-backup/locks/s/r": "",
    });
    expect(await listBackups(storage)).toEqual([]);
  });

  it("listBackups() is not fooled by a name that begins another's", async () => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("b10"));
    await storage.write("b1/readme", bytesBody(""));
    expect(await statesOf(storage)).toEqual({ b10: "complete" });
  });

  it("listBackups() goes by the directory's name, also when it was copied from another", async () => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("b1"));
    for (const key of [MANIFEST_KEY, META_KEYS.full, META_KEYS.backup]) {
      await storage.link?.(`b1/${key}`, `copy_of_b1/${key}`);
    }
    expect(await statesOf(storage)).toEqual({ b1: "complete", copy_of_b1: "complete" });
  });

  it("listBackups() puts the newest first, by their manifests, and those without a time last", async () => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("a", { startedAt: "2026-11-24T02:00:00.000Z" }));
    await writeOurs(storage, manifestOf("b", { startedAt: "2026-11-25T02:00:00.000Z" }));
    await writeOurs(storage, manifestOf("c", { startedAt: "2026-11-24T02:00:00.000Z" }));
    await storage.write("d/binlogs/insert_log/1/2/3/3/100/4", bytesBody("x"));
    expect((await listBackups(storage)).map(({ name }) => name)).toEqual(["b", "a", "c", "d"]);
  });

  it.each([
    ["a damaged manifest", { [MANIFEST_KEY]: "{" }, /manifest/],
    ["the manifest of a newer release", { [MANIFEST_KEY]: '{"formatVersion":2}' }, /newer/],
    ["a damaged meta file", { [META_KEYS.full]: '{"id":' }, /full_meta/],
    ["an empty meta file", { [META_KEYS.full]: "" }, /full_meta/],
    ["a format of Milvus snapshots", { [META_KEYS.full]: '{"format":"snapshot"}' }, /format/],
    ["a time that is none", { [META_KEYS.full]: '{"start_time":9223372036854775807}' }, undefined],
  ] as const)("listBackups() lists the others beside one with %s", async (_, files, reason) => {
    const storage = openMemory();
    await writeOurs(storage, manifestOf("fine"));
    for (const [key, text] of Object.entries(files)) await storage.write(`odd/${key}`, bytesBody(text));
    const [fine, odd] = await listBackups(storage);
    expect([fine?.name, fine?.state, odd?.name, odd?.startedAt]).toEqual(["fine", "complete", "odd", null]);
    if (reason === undefined) expect(odd).toMatchObject({ state: "complete" });
    else expect(odd).toMatchObject({ state: "failed", reason: expect.stringMatching(reason) });
  });

  it("listBackups() fails when the storage does, rather than list less", async () => {
    const storage = openMemory();
    for (const name of ["b1", "b2", "b3"]) await writeOurs(storage, manifestOf(name));
    for (const kind of ["read", "stat"] as const) {
      const failing = failingStorage(
        storage,
        failOn("denied", (asked) => asked.kind === kind && asked.key.startsWith("b1/")),
      );
      await expect(listBackups(failing)).rejects.toMatchObject({ code: "denied" });
    }
  });

  it("listBackups() lets no failure go unhandled while the listing goes on", async () => {
    const storage = openMemory();
    for (const name of ["b1", "b2"]) await writeOurs(storage, manifestOf(name));
    const failing = failingStorage(
      storage,
      failOn("denied", ({ kind }) => kind === "read"),
    );
    const slow: Storage = {
      ...failing,
      async *list(prefix, options) {
        for await (const entry of failing.list(prefix, options)) {
          yield entry;
          if (prefix === "") await new Promise((resolve) => setTimeout(resolve, 20)); // a page that takes its time
        }
      },
    };
    await expect(listBackups(slow)).rejects.toMatchObject({ code: "denied" });
  });

  it("listBackups() lists a thousand backups", async () => {
    const storage = openMemory();
    const names = Array.from({ length: 1000 }, (_, number) => `b${String(number).padStart(4, "0")}`);
    for (const name of names) await writeOurs(storage, manifestOf(name));
    expect((await listBackups(storage)).map(({ name }) => name)).toEqual(names);
  });
});
