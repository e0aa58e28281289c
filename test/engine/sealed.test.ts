/** Encrypted backups on the fake Milvus and memory storages: what is kept of them, and what is found without an identity. */
import { describe, expect, it } from "vitest";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { unsealBackup } from "../../src/catalog/unseal-backup.ts";
import { bytesBody } from "../../src/io/body.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { backUp, openTestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { cloneStorage, keysOf } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

const NAMES = ["default.a", "shop.b"];

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
    const keyId = (await readManifest(storage, "b1"))?.encryption?.keyId ?? "";
    const opened = await openBackup(await unsealBackup(storage, { backup: "b1", keyId, identities: [identity] }), "b1");
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
