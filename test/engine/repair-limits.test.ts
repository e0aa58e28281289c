/** What --repair must never take from another target, and what it must not claim. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { WHOLE_PART } from "../../src/core/check-level.ts";
import { DAMAGE_SHOWN } from "../../src/core/check-outcome.ts";
import { openObjectSpool } from "../../src/engine/object-spool.ts";
import { repairDamage } from "../../src/engine/repair.ts";
import { createDamageLog } from "../../src/engine/verify-job.ts";
import { bytesBody } from "../../src/io/body.ts";
import { backUp, closedTarget, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import type { Operation } from "../support/failing-storage.ts";
import { cloneStorage, contentsOf, readText } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

const FULL = "b1/meta/full_meta.json";
const LEVEL = "b1/meta/collection_meta.json";
const SEGMENTS = "b1/meta/segment_meta.json";
const LAST = "b1/meta/backup_meta.json";
const LIST = "b1/meta/objects/200.jsonl.gz";
const OBJECT = "b1/binlogs/insert_log/200/201/250/250/100/1";

let job: TestJob;

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"] });
  expect((await backUp(job)).state).toBe("complete");
});

afterAll(() => job[Symbol.asyncDispose]());

/** The backup in a storage of its own, with these texts in place of others. */
async function cloneWith(
  edits: Readonly<Record<string, readonly [found: string, put: string]>> = {},
): Promise<Storage> {
  const storage = await cloneStorage(job.target.storage);
  for (const [key, [found, put]] of Object.entries(edits)) {
    const text = await readText(storage, key);
    expect(text).toContain(found);
    await storage.write(key, bytesBody(text.replace(found, put)));
  }
  return storage;
}

async function without(...keys: readonly string[]): Promise<Storage> {
  const storage = await cloneStorage(job.target.storage);
  await storage.delete(keys);
  return storage;
}

function repair(storage: Storage, donor: Storage) {
  return verify(job, storage, { level: "checksum", repair: { targets: [closedTarget("donor", donor)] } });
}

function noticesOf({ run }: Awaited<ReturnType<typeof repair>>): string {
  return run.events.flatMap((event) => (event.type === "notice" ? [event.message] : [])).join("\n");
}

const NAME = ['"collection_name":"a"', '"collection_name":"c"'] as const;
const DATABASE = ['"db_name":"shop"', '"db_name":"shoq"'] as const;
const FIELD = ['"name":"price"', '"name":"pricf"'] as const;

describe("verify", () => {
  it.each([
    ["a collection's name in full_meta.json", { [FULL]: NAME }],
    ["a collection's name in both", { [FULL]: NAME, [LEVEL]: NAME }],
    ["a collection's name in collection_meta.json", { [LEVEL]: NAME }],
    ["its database", { [FULL]: DATABASE }],
    ["the name of a field", { [LEVEL]: FIELD }],
    ["the manifest's name of a collection", { "b1/meta/manifest.json": ['"name": "a"', '"name": "c"'] as const }],
  ])("finds a flipped bit in %s", async (_, edits) => {
    const storage = await cloneWith(edits);
    expect((await verify(job, storage, { level: "metadata" })).exitStatus).toBe(4);
  });

  it("finds every file that is damaged where full_meta.json cannot be read", async () => {
    const storage = await without(FULL, SEGMENTS, LIST);
    await storage.write(LEVEL, bytesBody("{"));
    await storage.write(FULL, bytesBody("{"));
    const { checks: [check] = [] } = await verify(job, storage, { level: "objects" });
    const files = [FULL, LEVEL, SEGMENTS, LIST].map((key) => key.slice(3));
    expect(check?.damage.map(({ key }) => key).toSorted()).toEqual(files.toSorted());
  });
});

describe("verify --repair", () => {
  it("never takes from a copy that differs in a name, and leaves all files as they are", async () => {
    const storage = await without(LIST);
    const before = await contentsOf(storage, "b1/");
    const report = await repair(storage, await cloneWith({ [FULL]: NAME, [LEVEL]: NAME }));
    expect([report.exitStatus, await contentsOf(storage, "b1/")]).toEqual([4, before]);
  });

  it("never writes over a file that is right here, whatever no check sees of the copy's", async () => {
    const storage = await without(LIST);
    const before = await contentsOf(storage, "b1/");
    const report = await repair(storage, await cloneWith({ [SEGMENTS]: ["{", "{ "] }));
    expect([report.exitStatus, await contentsOf(storage, "b1/")]).toEqual([4, before]);
    expect(noticesOf(report)).toContain(
      "meta/segment_meta.json of b1 is another there, and nothing is wrong with it here",
    );
  });

  it("mends the file whose name has a flipped bit from a copy that is right", async () => {
    const storage = await cloneWith({ [FULL]: NAME });
    const report = await repair(storage, job.target.storage);
    expect([report.exitStatus, await contentsOf(storage, "b1/")]).toEqual([
      0,
      await contentsOf(job.target.storage, "b1/"),
    ]);
  });

  it("writes over nothing that somebody else has written meanwhile", async () => {
    const storage = await without(SEGMENTS);
    let reads = 0; // of the last file: by the check, then beside the copy's
    const meanwhile: Storage = {
      ...storage,
      read: async (key, options) => {
        const isCompared = key === LAST && (reads += 1) === 2;
        if (isCompared) await storage.write("b1/meta/manifest.json", bytesBody("another's"));
        return storage.read(key, options);
      },
    };
    const { exitStatus, errors } = await repair(meanwhile, job.target.storage);
    expect([exitStatus, errors[0]?.message]).toEqual([
      11,
      "Cannot heal b1: somebody else has written its meta/manifest.json meanwhile",
    ]);
    expect(await storage.stat(SEGMENTS)).toBeUndefined();
  });

  it.each([
    ["an object", OBJECT],
    ["a list of objects", LIST],
    ["full_meta.json", FULL],
    ["a level file", SEGMENTS],
    ["the manifest", "b1/meta/manifest.json"],
  ])("mends %s that the store itself calls corrupt", async (_, lost) => {
    const storage = await cloneStorage(job.target.storage);
    let isWritten = false;
    const isMeant = ({ kind, key }: Operation): boolean => {
      if (kind === "write" && key === lost) isWritten = true;
      return kind === "read" && key === lost && !isWritten;
    };
    const corrupt = failingStorage(storage, failOn("corrupt", isMeant));
    expect((await verify(job, corrupt, { level: "checksum" })).checks).toMatchObject([{ verdict: "damaged" }]);
    const report = await repair(corrupt, job.target.storage);
    expect([report.exitStatus, isWritten], report.summary).toEqual([0, true]);
  });
});

describe("whom a repair asked in vain", () => {
  it("is no copy that failed while its meta files were read", async () => {
    let reads = 0;
    const isOnce = ({ kind, key }: Operation): boolean =>
      kind === "read" && key === "b1/meta/partition_meta.json" && (reads += 1) === 1;
    const flaky = failingStorage(job.target.storage, failOn("unavailable", isOnce));
    const { checks: [check] = [] } = await repair(await without(SEGMENTS), flaky);
    expect([check?.verdict, check?.asked]).toEqual(["damaged", []]);
  });

  it("is a copy whose files are damaged as well, also where the manifest is lost here", async () => {
    const storage = await cloneStorage(job.target.storage);
    await storage.write("b1/meta/manifest.json", bytesBody("{"));
    const { checks: [check] = [] } = await repair(storage, await without("b1/meta/partition_meta.json"));
    expect([check?.verdict, check?.asked]).toEqual(["damaged", ["donor"]]);
  });

  it("is not told where damage was only counted, since nobody was asked for that", async () => {
    const keys = Array.from(
      { length: DAMAGE_SHOWN + 1 },
      (_, index) => `binlogs/insert_log/200/201/250/250/100/${index}`,
    );
    const damage = createDamageLog();
    for (const key of keys) damage.add({ kind: "missing", key, message: "the object is not there" });
    const { storage } = job.target;
    const target = toTarget("nas", storage);
    await using spool = await openObjectSpool("asked");
    const of = { backup: "b1", manifest: undefined, isOurs: true, part: WHOLE_PART, progress: () => {} };
    const check = { ...of, job, target, stored: storage, spool, damage };
    const repaired = await repairDamage(check, { targets: [], guard: async () => {} });
    expect([repaired.damage.length, repaired.asked]).toEqual([DAMAGE_SHOWN, undefined]);
  });
});
