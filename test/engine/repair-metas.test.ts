/** Files beside the payload that are damaged, and another target that has the backup. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { unsealBackup } from "../../src/catalog/unseal-backup.ts";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { anotherRun, backUp, closedTarget, openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { contentsOf, copyStorage } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

const LISTS = ["meta/objects/200.jsonl.gz", "meta/objects/300.jsonl.gz"];
const LEVELS = ["meta/segment_meta.json", "meta/partition_meta.json", "meta/collection_meta.json"];
const COMMIT = ["meta/manifest.json", ...LEVELS, "meta/full_meta.json", "meta/backup_meta.json"];
const FILES = [...LISTS, ...COMMIT];

const DAMAGES = {
  truncated: (bytes: Uint8Array) => bytes.slice(0, -9),
  missing: () => undefined,
  "of other content": () => new TextEncoder().encode("{}"),
};

let job: TestJob;
let other: TestJob;

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"] });
  expect((await backUp(job)).state).toBe("complete");
  other = await openTestJob({ collections: ["default.a", "shop.b"] });
  expect((await backUp(other)).state).toBe("complete");
});

afterAll(async () => {
  await job[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function change(
  storage: Storage,
  file: string,
  edit: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<void> {
  const { body } = await storage.read(`b1/${file}`);
  const edited = edit(await readBytes(body));
  if (edited === undefined) await storage.delete([`b1/${file}`]);
  else await storage.write(`b1/${file}`, bytesBody(edited));
}

async function copyOf(from: TestJob, files: readonly string[] = [], damage: keyof typeof DAMAGES = "truncated") {
  const storage = openMemory();
  await copyStorage(from.target.storage, storage);
  for (const file of files) await change(storage, file, DAMAGES[damage]);
  return storage;
}

function repair(storage: Storage, ...donors: readonly Storage[]) {
  const targets = donors.map((donor, index) => closedTarget(`donor${index + 1}`, donor));
  return verify(job, storage, { level: "checksum", repair: { targets } });
}

function healers({ checks = [] }: RunReport): readonly (string | undefined)[] {
  return [...new Set(checks.flatMap(({ damage }) => damage.map(({ healedFrom }) => healedFrom)))];
}

const whole = () => contentsOf(job.target.storage, "b1/");

describe("verify --repair of the files beside the payload", () => {
  const cases = FILES.flatMap((file) =>
    (Object.keys(DAMAGES) as (keyof typeof DAMAGES)[]).map((how) => ({ file, how })),
  );
  it.each(cases)("writes $file anew that is $how", async ({ file, how }) => {
    const storage = await copyOf(job, [file], how);
    const report = await repair(storage, job.target.storage);
    expect([report.exitStatus, healers(report)], report.summary).toEqual([0, ["donor1"]]);
    expect(await contentsOf(storage, "b1/")).toEqual(await whole());
  });

  it("writes them in the order of a commit, and nothing that is right", async () => {
    const files = FILES.filter((file) => file !== "meta/manifest.json" && file !== "meta/partition_meta.json");
    const storage = await copyOf(job, files);
    const written: string[] = [];
    const recording = failingStorage(storage, ({ kind, key }) => {
      if (kind === "write" && key.startsWith("b1/")) written.push(key.slice(3));
      return undefined;
    });
    expect((await repair(recording, job.target.storage)).exitStatus).toBe(0);
    expect([written.slice(0, 2).toSorted(), ...written.slice(2)]).toEqual([LISTS, ...files.slice(2)]);
  });

  it("heals the objects that the healed files name as well", async () => {
    const object = "binlogs/insert_log/200/201/250/250/100/1";
    const storage = await copyOf(job, ["meta/full_meta.json", object]);
    const report = await repair(storage, job.target.storage);
    expect([report.exitStatus, report.checks?.[0]?.damageFound]).toEqual([0, 2]);
    expect(await contentsOf(storage, "b1/")).toEqual(await whole());
  });

  it("passes over a copy that is damaged itself, and takes the next", async () => {
    const storage = await copyOf(job, ["meta/segment_meta.json"]);
    const report = await repair(storage, await copyOf(job, ["meta/full_meta.json"]), job.target.storage);
    expect([report.exitStatus, healers(report)]).toEqual([0, ["donor2"]]);
  });

  it("goes on with the next copy when one breaks while it is read", async () => {
    const storage = await copyOf(job, [...LEVELS]);
    let reads = 0;
    const isThird = failOn("unavailable", ({ kind, key }) => {
      return kind === "read" && key === "b1/meta/partition_meta.json" && (reads += 1) > 1;
    });
    const broken = failingStorage(job.target.storage, isThird);
    const report = await repair(storage, broken, job.target.storage);
    expect([report.exitStatus, await contentsOf(storage, "b1/")]).toEqual([0, await whole()]);
  });

  it.each([
    ["another backup of its name", []],
    ["another backup of its name, where its own manifest is lost", ["meta/manifest.json"]],
  ])("takes nothing from %s", async (_, alsoLost) => {
    const storage = await copyOf(job, ["meta/collection_meta.json", ...alsoLost], "missing");
    const before = await contentsOf(storage, "b1/");
    const report = await repair(storage, other.target.storage);
    expect([report.exitStatus, healers(report)]).toEqual([4, [undefined]]);
    expect(await contentsOf(storage, "b1/")).toEqual(before);
  });

  it("says so where nothing proves whose files they are, and leaves them", async () => {
    const storage = await copyOf(job, ["meta/manifest.json", "meta/full_meta.json"], "truncated");
    const before = await contentsOf(storage, "b1/");
    const report = await repair(storage, job.target.storage);
    expect(report.exitStatus).toBe(4);
    expect(report.run.events.filter(({ type }) => type === "notice")).toMatchObject([
      { message: "nothing can be taken from donor1: nothing proves that b1 in donor1 is the same: its files are left" },
    ]);
    expect(await contentsOf(storage, "b1/")).toEqual(before);
  });

  it.each([
    ["with its identity", 0],
    ["not without it, since nobody can read them", 4],
  ] as const)("heals those of an encrypted backup %s", async (which, status) => {
    const { identity, recipient } = await makeDataKey();
    const run = anotherRun(job, openMemory());
    expect((await backUp(run, { encryption: { recipients: [recipient] } })).state).toBe("complete");
    const storage = await copyOf(run, ["meta/segment_meta.json"], "missing");
    const before = await contentsOf(storage, "b1/");
    const unseal = async (sealed: Storage): Promise<Storage> => {
      const encryption = (await readManifest(sealed, "b1"))?.encryption;
      if (encryption === undefined || which !== "with its identity") return sealed;
      return unsealBackup(sealed, { backup: "b1", encryption, identities: [identity] });
    };
    const targets = [closedTarget("donor1", run.target.storage)];
    const report = await verify(job, storage, { level: "objects", repair: { targets }, unseal });
    expect([report.exitStatus, report.checks?.[0]?.damageFound]).toEqual([status, 1]);
    expect(await contentsOf(storage, "b1/")).toEqual(
      status === 0 ? await contentsOf(run.target.storage, "b1/") : before,
    );
  });
});
