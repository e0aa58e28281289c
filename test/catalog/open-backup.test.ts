import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { findBackup, openBackup } from "../../src/catalog/open-backup.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { collect } from "../support/collect.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { manifestOf } from "../support/manifests.ts";

const HEAD = '{"id":"1","name":"nightly_1","size":8,"milvus_version":"v2.3.5"';

async function openTarget(
  state: "running" | "complete" | "partial" | "failed" | "deleting" = "complete",
): Promise<Storage> {
  const storage = openMemory();
  await storage.write(`nightly_1/${MANIFEST_KEY}`, bytesBody(encodeManifest(manifestOf("nightly_1", { state }))));
  await storage.write(`nightly_1/${META_KEYS.full}`, bytesBody(`${HEAD},"collection_backups":[]}`));
  await storage.write(`nightly_1/${META_KEYS.backup}`, bytesBody(`${HEAD}}`));
  return storage;
}

describe("openBackup()", () => {
  it.each(["complete", "partial"] as const)("openBackup() opens one of ours that is %s", async (state) => {
    const { entry, manifest, head, collections } = await openBackup(await openTarget(state), "nightly_1");
    expect([entry.state, manifest, head.size, await collect(collections)]).toEqual([
      state,
      manifestOf("nightly_1", { state }),
      8n,
      [],
    ]);
  });

  it.each(GOLDEN_RELEASES)("openBackup() opens a backup of the Go tool %s, again and again", async (release) => {
    const storage = openMemory();
    await writeGolden(storage, release, "g1");
    const { entry, manifest, collections } = await openBackup(storage, "g1");
    const names = async () =>
      (await collect(collections)).map(({ db_name, collection_name }) => `${db_name}.${collection_name}`);
    expect([entry.madeBy, manifest, (await names()).length]).toEqual(["go", undefined, 5]);
    expect(await names()).toEqual(await names());
  });

  it.each(["failed", "deleting", "running"] as const)("openBackup() refuses one that is %s", async (state) => {
    const storage = await openTarget(state);
    await using _lease = await holdLease(storage, { owner: lockOwner("run_of_nightly_1"), onFailure: () => {} });
    await expect(openBackup(storage, "nightly_1")).rejects.toMatchObject({
      code: "refused",
      message: `The backup nightly_1 is ${state}: it was never committed`,
    });
  });

  it("openBackup() refuses one whose commit was interrupted", async () => {
    const storage = await openTarget();
    await storage.delete([`nightly_1/${META_KEYS.backup}`]);
    await expect(openBackup(storage, "nightly_1")).rejects.toMatchObject({
      code: "refused",
      hint: "milvus-backup delete nightly_1 removes what is left of it",
    });
  });

  it.each([
    [MANIFEST_KEY, "{", "damaged"],
    [MANIFEST_KEY, '{"formatVersion":2}', "refused"],
    [META_KEYS.full, "", "damaged"],
    [META_KEYS.full, `${HEAD},"format":"snapshot"}`, "refused"],
  ] as const)("openBackup() tells what is wrong with %s %j", async (key, text, code) => {
    const storage = await openTarget();
    await storage.write(`nightly_1/${key}`, bytesBody(text));
    await expect(openBackup(storage, "nightly_1")).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining("never committed"),
    });
  });
});

describe("findBackup()", () => {
  it("findBackup() names the backup that was likely meant", async () => {
    for (const look of [findBackup, openBackup]) {
      await expect(look(await openTarget(), "nightly_2")).rejects.toMatchObject({
        code: "not-found",
        message: 'There is no backup nightly_2, did you mean "nightly_1"?',
      });
    }
  });

  it.each(["", "../etc", "a/b", "1st", "a.b", "x".repeat(129), ".milvus-backup"])(
    "findBackup() refuses %j, which no backup is called, without asking the storage",
    async (name) => {
      const storage: Storage = { ...openMemory(), list: () => expect.fail("asked") };
      for (const look of [findBackup, openBackup]) {
        await expect(look(storage, name)).rejects.toMatchObject({ code: "usage" });
      }
    },
  );

  it("findBackup() finds what is left of a backup, and one that cannot be read, so that it can be deleted", async () => {
    const storage = await openTarget();
    await storage.write("left/binlogs/insert_log/1/2/3/3/100/4", bytesBody("x"));
    await storage.write(`nightly_1/${MANIFEST_KEY}`, bytesBody("{"));
    const states = [await findBackup(storage, "left"), await findBackup(storage, "nightly_1")];
    expect(states.map(({ state, madeBy }) => [state, madeBy])).toEqual([
      ["interrupted", "go"],
      ["failed", "milvus-backup-ts"],
    ]);
  });
});
