/** Encrypted backups on the fake Milvus and memory storages: what is kept of them, and what is found without an identity. */
import { describe, expect, it } from "vitest";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { unsealBackup } from "../../src/catalog/unseal-backup.ts";
import { readObjectList } from "../../src/catalog/object-list.ts";
import { rewrapBackup } from "../../src/catalog/rewrap-backup.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { bytesBody } from "../../src/io/body.ts";
import type { ManifestEncryption } from "../../src/format/manifest.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { anotherRun, backUp, openTestJob, resumeB1 } from "../support/engine-run.ts";
import { failingStorage, failOn, killedAfter } from "../support/failing-storage.ts";
import { cloneStorage, contentsOf, keysOf } from "../support/storage-content.ts";
import { endLeases } from "../support/unfinished.ts";
import { verify } from "../support/verify-run.ts";

const NAMES = ["default.a", "shop.b"];

const NO_KEYS: ManifestEncryption = { keyId: "", recipients: [] };

function mapValues(record: Readonly<Record<string, string>>, value: () => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(record).map((key) => [key, value()]));
}

/** As the holder of the identity sees b1. */
async function unsealed(storage: Storage, identity: string): Promise<Storage> {
  const encryption = (await readManifest(storage, "b1"))?.encryption ?? NO_KEYS;
  return unsealBackup(storage, { backup: "b1", encryption, identities: [identity] });
}

describe("an encrypted backup that was killed", () => {
  it("is resumed wherever it was killed, or refused when nobody could open it, and opens for its recipients then", async () => {
    const { identity, recipient } = await makeDataKey();
    const encryption = { recipients: [recipient] };
    await using job = await openTestJob({ collections: NAMES });
    const plain = await backUp(anotherRun(job, openMemory()));
    const ends = new Map<string, number>();
    for (let killedAt = 2; killedAt < 44; killedAt += 7) {
      const target = openMemory();
      await backUp(anotherRun(job, failingStorage(target, killedAfter(killedAt))), { encryption });
      await endLeases(target);
      const left = await contentsOf(target);
      expect([Object.values(left).join("").includes("shop"), Object.keys(left).join().includes("shop")]).toEqual([
        false,
        false,
      ]);
      const report = await resumeB1(anotherRun(job, target), "b1", { encryption });
      const end = report?.state ?? "not resumed";
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (report === undefined) continue;
      const sizes = ({ collections }: RunReport) =>
        collections.map(({ rows, objects, bytes }) => [rows, objects, bytes]);
      expect(sizes(report)).toEqual(sizes(plain));
      const unseal = (storage: Storage) => unsealed(storage, identity);
      const checked = await verify(job, target, { level: "checksum", unseal });
      expect([checked.exitStatus, checked.checks?.[0]?.damage, checked.checks?.[0]?.isSealed]).toEqual([
        0,
        [],
        undefined,
      ]);
      expect((await verify(job, target, { level: "checksum" })).exitStatus).toBe(0);
      expect(await keysOf(target, ".milvus-backup/runs/")).toEqual([]);
    }
    expect([...ends.keys()].toSorted()).toEqual(["complete", "not resumed"]);
    expect(ends.get("complete")).toBeGreaterThan(3);
  });

  it("keeps what was copied, sealed to the earlier key, and seals nothing to a key that it finds in the target", async () => {
    const { identity, recipient } = await makeDataKey();
    const encryption = { recipients: [recipient] };
    await using job = await openTestJob({ collections: ["shop.b"] });
    const target = openMemory();
    const isCommit = ({ kind, key }: { readonly kind: string; readonly key: string }): boolean =>
      kind === "write" && key.endsWith("segment_meta.json");
    await backUp(anotherRun(job, failingStorage(target, failOn("unavailable", isCommit))), { encryption });
    await endLeases(target);
    const before = await contentsOf(target, "b1/binlogs/");
    const [gone = ""] = Object.keys(before);
    await target.delete([gone]);
    expect(
      await resumeB1(anotherRun(job, target), "b1", { encryption: { recipients: [(await makeDataKey()).recipient] } }),
    ).toBeUndefined();
    const report = await resumeB1(anotherRun(job, target), "b1", { encryption });
    expect(report?.collections[0]?.notes).toEqual([expect.stringMatching(/^7 of 8 objects had been copied/)]);
    const after = await contentsOf(target, "b1/binlogs/");
    expect(Object.keys(after).filter((key) => after[key] !== before[key])).toEqual([gone]);
    const { keyId: first, furtherKeys: [second] = [] } = (await readManifest(target, "b1"))?.encryption ?? NO_KEYS;
    const keyIds = new Map<string, string | undefined>();
    for await (const { key, stored } of readObjectList(target, { backup: "b1", collectionId: 200n })) {
      keyIds.set(`b1/${key}`, stored?.keyId);
    }
    expect(Object.fromEntries(keyIds)).toEqual({ ...mapValues(before, () => first), [gone]: second });
    await rewrapBackup(target, { backup: "b1", identities: [identity], recipients: [recipient] });
    expect((await openBackup(await unsealed(target, identity), "b1")).manifest?.collections).toHaveLength(1);
  });
});

describe("an encrypted backup", () => {
  it("that is partial keeps its key, and opens for its recipients", async () => {
    const { identity, recipient } = await makeDataKey();
    await using job = await openTestJob({ collections: NAMES });
    const isOfB = ({ key }: { readonly key: string }): boolean => key.includes("insert_log/300/");
    const root = failingStorage(job.source.root, failOn("denied", isOfB));
    const segments = failingStorage(job.source.segments, failOn("denied", isOfB));
    const source = { ...job.source, root, segments };
    const report = await backUp({ ...job, source }, { encryption: { recipients: [recipient] } });
    expect([report.state, report.exitStatus]).toEqual(["partial", 3]);
    const { storage } = job.target;
    const opened = await openBackup(await unsealed(storage, identity), "b1");
    expect(opened.manifest?.collections.map(({ name, state }) => [name, state]).toSorted()).toEqual([
      ["a", "complete"],
      ["b", "failed"],
    ]);
  });

  it("is checked without an identity as far as that goes, and then not called verified", async () => {
    await using job = await openTestJob({ collections: NAMES });
    await backUp(job, { encryption: { recipients: [(await makeDataKey()).recipient] } });
    const { storage } = job.target;
    for (const level of ["metadata", "objects", "checksum"] as const) {
      const { exitStatus, checks: [check] = [] } = await verify(job, storage, { level });
      expect([exitStatus, check?.isSealed, check?.damage, check?.unproven]).toEqual([
        0,
        true,
        [],
        [expect.stringContaining("no identity was given")],
      ]);
    }
    expect(await listBackups(storage)).toMatchObject([{ name: "b1", state: "complete" }]);
    expect((await listBackups(storage))[0]?.verified).toBeUndefined();
    const drill = await verify(job, storage, { level: "restore" });
    expect(drill.errors).toMatchObject([{ code: "denied", message: expect.stringContaining("without an identity") }]);
  });

  it.each([
    ["a lost meta file", "metadata", "meta/segment_meta.json"],
    ["a lost key", "metadata", "meta/key.age"],
    ["a meta file of 100 bytes", "metadata", "meta/full_meta.json"],
    ["a lost list", "metadata", /^meta\/objects\//],
    ["a lost object", "objects", /insert_log/],
    ["an object of 100 bytes", "objects", /insert_log/],
  ] as const)("without an identity is found damaged by %s", async (what, level, file) => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    await backUp(job, { encryption: { recipients: [(await makeDataKey()).recipient] } });
    const storage = await cloneStorage(job.target.storage);
    const keys = await keysOf(storage, "b1/");
    const key = keys.find((one) => (typeof file === "string" ? one.endsWith(file) : file.test(one.slice(3)))) ?? "";
    if (what.includes("lost")) await storage.delete([key]);
    else await storage.write(key, bytesBody(new Uint8Array(100)));
    const { exitStatus, checks: [check] = [] } = await verify(job, storage, { level });
    expect([exitStatus, check?.damage.map((one) => one.key)]).toEqual([4, [key.slice(3)]]);
  });
});
