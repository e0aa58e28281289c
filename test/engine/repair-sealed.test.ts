/** What opens an encrypted backup is lost, and another target has it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { rewrapBackup } from "../../src/catalog/rewrap-backup.ts";
import { unsealBackup } from "../../src/catalog/unseal-backup.ts";
import type { CheckLevel } from "../../src/core/check-level.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import type { DataKey } from "../../src/seal/age-file.ts";
import { anotherRun, backUp, closedTarget, openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { cloneStorage, contentsOf } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

const KEY = "b1/meta/key.age";
const SEALED_MANIFEST = "b1/meta/manifest.age";
const MANIFEST = "b1/meta/manifest.json";
const PARTITIONS = "b1/meta/partition_meta.json";

let job: TestJob;
let owner: DataKey;
let whole: Storage;

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"] });
  owner = await makeDataKey();
  const run = anotherRun(job, openMemory());
  expect((await backUp(run, { encryption: { recipients: [owner.recipient] } })).state).toBe("complete");
  whole = run.target.storage;
});

afterAll(() => job[Symbol.asyncDispose]());

type Damage = "missing" | "garbled";

async function cloneWithout(keys: readonly string[], how: Damage = "missing"): Promise<Storage> {
  const storage = await cloneStorage(whole);
  for (const key of keys) {
    if (how === "missing") await storage.delete([key]);
    else await storage.write(key, bytesBody("rot"));
  }
  return storage;
}

/** As the commands do; whose identities these are is who looks. */
function unsealWith(...identities: readonly string[]) {
  return async (storage: Storage): Promise<Storage> => {
    const manifest = await readManifest(storage, "b1").catch(() => undefined);
    const encryption = manifest?.encryption;
    return encryption === undefined ? storage : unsealBackup(storage, { backup: "b1", encryption, identities });
  };
}

function repair(storage: Storage, { level = "checksum", donor = whole }: { level?: CheckLevel; donor?: Storage } = {}) {
  return verify(job, storage, {
    level,
    repair: { targets: [closedTarget("donor", donor)] },
    unseal: unsealWith(owner.identity),
  });
}

describe("verify --repair of an encrypted backup", () => {
  it.each([
    ["its key", "missing", [KEY]],
    ["its key", "garbled", [KEY]],
    ["its sealed manifest", "missing", [SEALED_MANIFEST]],
    ["its manifest", "missing", [MANIFEST]],
    ["its manifest", "garbled", [MANIFEST]],
    ["its key and a meta file", "garbled", [KEY, PARTITIONS]],
    ["its manifest and a meta file", "garbled", [MANIFEST, PARTITIONS]],
  ] as const)("mends %s that is %s, and then looks into it", async (_, how, lost) => {
    const storage = await cloneWithout(lost, how);
    const report = await repair(storage);
    const [check] = report.checks ?? [];
    expect([report.exitStatus, check?.verdict, check?.isSealed, check?.unproven], report.summary).toEqual([
      0,
      "ok",
      undefined,
      [],
    ]);
    expect(check?.damage.map(({ key }) => key).toSorted()).toEqual(lost.map((key) => key.slice(3)).toSorted());
    expect(await contentsOf(storage, "b1/")).toEqual(await contentsOf(whole, "b1/"));
    expect((await findBackup(storage, "b1")).verified?.level).toBe("checksum");
  });

  it.each([
    ["its key", KEY],
    ["its manifest", MANIFEST],
  ])("records that %s is lost where nobody has it, and calls nothing else damaged", async (_, lost) => {
    const storage = await cloneWithout([lost]);
    const report = await verify(job, storage, { level: "objects", unseal: unsealWith(owner.identity) });
    expect([report.exitStatus, report.checks?.[0]?.damage], report.summary).toEqual([
      4,
      [expect.objectContaining({ key: lost.slice(3) })],
    ]);
    expect((await findBackup(storage, "b1")).damaged).toContain("found damage");
  });

  it("never gives it back to recipients that it was taken from", async () => {
    const storage = await cloneStorage(whole);
    const next = await makeDataKey();
    const rewrapping = { backup: "b1", recipients: [next.recipient], identities: [owner.identity] };
    await rewrapBackup(storage, rewrapping);
    await storage.delete([MANIFEST]);
    const before = await contentsOf(storage, "b1/");
    const both = { targets: [closedTarget("donor", whole)] };
    const unseal = unsealWith(owner.identity, next.identity);
    const report = await verify(job, storage, { level: "checksum", repair: both, unseal });
    expect([report.exitStatus, await contentsOf(storage, "b1/")], report.summary).toEqual([4, before]);
    expect(report.run.events.filter(({ type }) => type === "notice")).toMatchObject([
      { message: expect.stringContaining("meta/key.age of b1 is another there, and nothing is wrong with it here") },
    ]);
  });

  it("does not say that a copy was asked in vain when nobody could read it", async () => {
    const storage = await cloneWithout([PARTITIONS]);
    const report = await verify(job, storage, {
      level: "checksum",
      repair: { targets: [closedTarget("donor", whole)] },
    });
    expect([report.exitStatus, report.checks?.[0]?.asked]).toEqual([4, []]);
  });
});
