import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { planCopy } from "../../src/core/copy-backup-plan.ts";
import { runCopy } from "../../src/engine/copy.ts";
import { copyBackup } from "../../src/engine/copy-backup.ts";
import type { CopiedBackup } from "../../src/engine/copy-backup.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import type { Manifest } from "../../src/format/manifest.ts";
import type { WantedEncryption } from "../../src/core/copy-form.ts";
import { createLimit } from "../../src/io/limit.ts";
import { bytesBody } from "../../src/io/body.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { backUp, createTestRun, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage, failOn, isChange, killedAfter } from "../support/failing-storage.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { timedStorage } from "../support/timed-storage.ts";
import { contentsOf, keysOf, readText, writeAll } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";

const OBJECT = "b1/binlogs/insert_log/200/201/250/250/100/1";
const OTHER = "b1/binlogs/insert_log/300/302/351/351/101/1";

/** Of two collections with 8 objects each. */
const OBJECTS = 16;

/** A job whose target, nas, has the backup b1. */
async function openBackedUp(nas: Storage = openMemory()): Promise<TestJob> {
  const job = await openTestJob({ collections: ["default.a", "shop.b"], target: nas });
  expect((await backUp(job)).state).toBe("complete");
  return job;
}

let runs = 0;

/** Copies b1 from nas to offsite, in a run of its own. */
function copy(job: TestJob, offsite: Storage, signal?: AbortSignal): Promise<CopiedBackup> {
  runs += 1;
  const run = createTestRun(`copy_${runs}`, { ...(signal && { signal }) });
  return copyBackup({ backup: "b1", from: job.target, to: toTarget("offsite", offsite) }, { ...job, run }, () => {});
}

async function stateIn(storage: Storage): Promise<string | undefined> {
  return (await listBackups(storage)).find(({ name }) => name === "b1")?.state;
}

const inBackup = (change: string): boolean => change.includes(" b1/");

/** What an earlier copy left: its process was killed at the change with this number, and its lease has aged since. */
async function stopAt(job: TestJob, offsite: Storage, changes: number): Promise<void> {
  await expect(copy(job, failingStorage(offsite, killedAfter(changes)))).rejects.toThrow("killed");
  await offsite.delete(await keysOf(offsite, ".milvus-backup/"));
}

async function changeManifest(storage: Storage, change: Partial<Manifest>): Promise<void> {
  const manifest = await readManifest(storage, "b1");
  if (manifest === undefined) throw new Error("There is no manifest");
  await storage.write("b1/meta/manifest.json", bytesBody(encodeManifest({ ...manifest, ...change })));
}

describe("copyBackup()", () => {
  it("copyBackup() makes the same backup, file by file, and leaves no lease", async () => {
    const offsite = openMemory();
    await using job = await openBackedUp();
    const { bytes, ...copied } = await copy(job, offsite);
    expect(copied).toEqual({ state: "complete", objects: OBJECTS, kept: 0 });
    expect(await contentsOf(offsite, "b1/")).toEqual(await contentsOf(job.target.storage, "b1/"));
    expect((await listBackups(offsite))[0]).toMatchObject({ state: "complete", bytes });
  });

  it("copyBackup() commits last: payload and lists, manifest, levels, full_meta, backup_meta", async () => {
    const offsite = recordingStorage(openMemory());
    await using job = await openBackedUp();
    await copy(job, offsite);
    const changes = offsite.changes.filter((change) => change.startsWith("write b1/"));
    expect(changes[0]).toBe("write b1/meta/manifest.json");
    const files = ["manifest", "segment_meta", "partition_meta", "collection_meta", "full_meta", "backup_meta"];
    expect(changes.slice(-6)).toEqual(files.map((file) => `write b1/meta/${file}.json`));
    for (const id of [200, 300]) {
      const list = changes.indexOf(`write b1/meta/objects/${id}.jsonl.gz`);
      expect(list).toBeGreaterThan(changes.findLastIndex((change) => change.includes(`insert_log/${id}/`)));
      expect(list).toBeLessThan(changes.length - 6);
    }
  });

  it("copyBackup() lets the service copy by itself where both targets are on one", async () => {
    const service = openMemory();
    const offsite = recordingStorage(scopeStorage(service, "offsite"));
    await using job = await openBackedUp(scopeStorage(service, "nas"));
    await copy(job, offsite);
    const copies = offsite.changes.filter((change) => change.startsWith("copy b1/binlogs/"));
    const written = offsite.changes.filter((change) => change.startsWith("write b1/"));
    expect([copies.length, written]).toEqual([OBJECTS, ["write b1/meta/manifest.json"]]);
    expect(await contentsOf(offsite, "b1/")).toEqual(await contentsOf(job.target.storage, "b1/"));
  });

  it("copyBackup() tells how many bytes are there, of all collections together", async () => {
    await using job = await openBackedUp();
    const updates: (readonly [string, number, number])[] = [];
    const to = toTarget("offsite", openMemory());
    const { bytes } = await copyBackup({ backup: "b1", from: job.target, to }, job, ({ phase, done, total }) => {
      updates.push([phase, done, total]);
    });
    expect(updates.at(-1)).toEqual(["copy", bytes, bytes]);
    expect(updates.map(([, done]) => done)).toEqual(updates.map(([, done]) => done).toSorted((a, b) => a - b));
  });

  it.each([
    ["streams", openMemory(), openMemory()],
    ["the service copies", scopeStorage(openMemory("rot"), "nas"), scopeStorage(openMemory("rot"), "offsite")],
  ])("copyBackup() that %s does not commit what has rotted in the first target", async (_, nas, offsite) => {
    await using job = await openBackedUp(nas);
    const content = await readText(nas, OTHER);
    await nas.write(OTHER, bytesBody(content.toUpperCase()));
    await expect(copy(job, offsite)).rejects.toMatchObject({
      code: "damaged",
      message: `Cannot copy ${OTHER.slice(3)} from nas: its bytes are not those that were backed up`,
    });
    expect((await listBackups(offsite))[0]).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("its copy from nas did not end"),
    });
    expect((await keysOf(offsite, "b1/meta/")).filter((key) => key.endsWith("_meta.json"))).toEqual([]);
  });

  it("copyBackup() reads what it copied where the service gives no checksum", async () => {
    const service = openMemory();
    const nas = scopeStorage(service, "nas");
    const offsite = scopeStorage(service, "offsite");
    const silent: Storage = {
      ...offsite,
      copyFrom: async (from, request, call) => {
        const { sha256: _, ...info } = (await offsite.copyFrom?.(from, request, call)) ?? { key: "", bytes: 0 };
        return info;
      },
    };
    await using job = await openBackedUp(nas);
    await nas.write(OTHER, bytesBody((await readText(nas, OTHER)).toUpperCase()));
    await expect(copy(job, silent)).rejects.toMatchObject({ code: "damaged" });
  });

  it("copyBackup() fails when a list of objects is not that of the manifest", async () => {
    await using job = await openBackedUp();
    const { storage } = job.target;
    const collections = (await readManifest(storage, "b1"))?.collections.map((one) => ({ ...one, objects: 7 })) ?? [];
    await changeManifest(storage, { collections });
    await expect(copy(job, openMemory())).rejects.toMatchObject({ code: "damaged" });
  });

  it("copyBackup() does not commit a backup whose deletion began meanwhile", async () => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    const deleting: Storage = {
      ...offsite,
      write: async (key, body, options) => {
        if (key === OTHER) await changeManifest(job.target.storage, { state: "deleting" });
        return offsite.write(key, body, options);
      },
    };
    await expect(copy(job, deleting)).rejects.toMatchObject({
      code: "refused",
      message: "The backup b1 in nas was changed while it was copied",
    });
    expect(await stateIn(offsite)).toBe("failed");
  });

  it("copyBackup() refuses what is no backup", async () => {
    await using job = await openBackedUp();
    await changeManifest(job.target.storage, { state: "running" });
    await expect(copy(job, openMemory())).rejects.toMatchObject({ code: "refused" });
  });

  it("copyBackup() that is stopped leaves a copy that says interrupted, and no lease", async () => {
    await using job = await openBackedUp();
    const controller = new AbortController();
    const offsite = openMemory();
    const stopping = failingStorage(offsite, ({ kind, key }) => {
      if (kind === "write" && key === OBJECT) controller.abort(new BackupError("interrupted", "stopped"));
      return undefined;
    });
    await expect(copy(job, stopping, controller.signal)).rejects.toThrow();
    expect([await stateIn(offsite), withoutRecords(await keysOf(offsite, ".milvus-backup/"))]).toEqual([
      "interrupted",
      [],
    ]);
    expect((await copy(job, offsite)).state).toBe("complete");
  });
});

describe("copyBackup() where an earlier copy was stopped", () => {
  it("copyBackup() makes it whole, wherever it was stopped; until then it is no backup", async () => {
    await using job = await openBackedUp();
    const counting = recordingStorage(openMemory());
    await copy(job, counting);
    const expected = await contentsOf(job.target.storage, "b1/");
    for (let changes = 0; changes < counting.changes.length - 1; changes += 1) {
      const offsite = openMemory();
      await stopAt(job, offsite, changes);
      expect([changes, await stateIn(offsite)]).not.toEqual([changes, "complete"]);
      await copy(job, offsite);
      expect([changes, await contentsOf(offsite, "b1/")]).toEqual([changes, expected]);
    }
  });

  it("copyBackup() copies only what is missing, of another size or rotten, and removes what should not be there", async () => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await copy(job, offsite);
    const expected = await contentsOf(offsite);
    const [missing = "", resized = "", rotten = ""] = await keysOf(offsite, "b1/binlogs/");
    await offsite.delete([missing, `b1/${META_KEYS.backup}`]);
    await writeAll(offsite, {
      [resized]: "longer than it was",
      [rotten]: (await readText(offsite, rotten)).toUpperCase(),
      "b1/binlogs/delta_log/200/201/250/250/9": "deletes rows",
      "b1/binlogs/insert_log/999/1/1/1/1/1": "of no collection",
      "b1/readme": "mine",
      "b2/readme": "of another backup",
    });
    const recording = recordingStorage(offsite);
    expect(await copy(job, recording)).toMatchObject({ state: "complete", objects: OBJECTS, kept: OBJECTS - 3 });
    const copied = recording.changes.filter((change) => change.startsWith("write b1/binlogs/"));
    expect(copied.toSorted()).toEqual([missing, resized, rotten].map((key) => `write ${key}`));
    expect(await contentsOf(offsite)).toEqual({ ...expected, "b2/readme": "of another backup" });
  });

  it("copyBackup() proves by reading what the store has no checksum of", async () => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await stopAt(job, offsite, 12);
    const reads: string[] = [];
    const silent = failingStorage(
      {
        ...offsite,
        stat: async (key, call) => {
          const info = await offsite.stat(key, call);
          return info && { key, bytes: info.bytes };
        },
      },
      ({ kind, key }) => void (kind === "read" && key.includes("binlogs") && reads.push(key)),
    );
    const { kept } = await copy(job, silent);
    expect([kept > 0, reads.length]).toEqual([true, kept]);
  });
});

describe("copyBackup() where the name is taken", () => {
  it.each([
    ["files of others", (offsite: Storage) => offsite.write("b1/readme", bytesBody("mine")), "refused"],
    [
      "a manifest that cannot be read",
      (offsite: Storage) => offsite.write("b1/meta/manifest.json", bytesBody("{")),
      "refused",
    ],
  ])("copyBackup() refuses %s, and leaves them", async (_, prepare, code) => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await prepare(offsite);
    const before = await contentsOf(offsite);
    await expect(copy(job, offsite)).rejects.toMatchObject({ code });
    expect(await contentsOf(offsite)).toEqual(before);
  });

  it.each([
    ["of another run", { runId: "another" }, "another backup has its name"],
    ["that is being deleted", { state: "deleting" }, "what is there is being deleted"],
    ["of another name", { backup: "b2" }, "another backup has its name"],
  ] as const)("copyBackup() refuses a backup %s, and leaves it", async (_, change, why) => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await copy(job, offsite);
    await changeManifest(offsite, change);
    const recording = recordingStorage(offsite);
    await expect(copy(job, recording)).rejects.toMatchObject({
      code: "refused",
      message: `Cannot copy b1 to offsite: ${why}`,
    });
    expect(recording.changes.filter(inBackup)).toEqual([]);
  });

  it("copyBackup() leaves a copy to the run that is making it", async () => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await stopAt(job, offsite, 5);
    const copiedBy = (await readManifest(offsite, "b1"))?.copiedBy ?? "";
    await using _lease = await holdLease(offsite, { owner: lockOwner(copiedBy), onFailure: () => {} });
    const recording = recordingStorage(offsite);
    await expect(copy(job, recording)).rejects.toMatchObject({ code: "locked" });
    expect([await stateIn(offsite), recording.changes.filter(inBackup)]).toEqual(["running", []]);
  });

  it("runCopy() reads from a target that cannot be written, and says that it does so without a lock", async () => {
    await using job = await openBackedUp();
    const [entry] = await listBackups(job.target.storage);
    if (entry === undefined) throw new Error("There is no backup");
    const nas = toTarget(
      "nas",
      failingStorage(
        job.target.storage,
        failOn("denied", ({ kind }) => isChange(kind)),
      ),
    );
    const offsite = openMemory();
    const run = createTestRun("copy_from_read_only");
    const to = { name: "offsite", open: async () => toTarget("offsite", offsite) };
    const plan = planCopy(entry, { from: "nas", to: "offsite" });
    expect((await runCopy(plan, { ...job, run }, { from: nas, to })).exitStatus).toBe(0);
    const notices = run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect([notices, await stateIn(offsite)]).toEqual([
      ["nas cannot be written: the backup is read without a lock"],
      "complete",
    ]);
  });

  it("copyBackup() does not commit, nor touch what is there, once it was paused past its lease", async () => {
    await using job = await openBackedUp();
    let now = 1e12;
    const offsite = timedStorage(openMemory(), () => now);
    const recording = recordingStorage(
      failingStorage(offsite, ({ kind, key }) => {
        if (kind === "write" && key.includes("/meta/objects/")) now += 31 * 60_000; // as if the machine had slept
        return undefined;
      }),
    );
    await expect(copy(job, recording)).rejects.toMatchObject({ code: "locked" });
    expect(recording.changes.findLast(inBackup)).toContain("/meta/objects/");
    expect((await readManifest(offsite, "b1"))?.state).toBe("running");
  });

  it("copyBackup() compares a copy that is committed, and touches nothing of it", async () => {
    await using job = await openBackedUp();
    const offsite = recordingStorage(openMemory());
    await copy(job, offsite);
    const before = offsite.changes.filter(inBackup).length;
    expect(await copy(job, offsite)).toMatchObject({ state: "complete", objects: OBJECTS, kept: OBJECTS });
    await offsite.delete([OBJECT]);
    await expect(copy(job, offsite)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("The copy of b1 in offsite is not whole: 1 missing"),
    });
    expect(offsite.changes.filter(inBackup).slice(before)).toEqual([`delete ${OBJECT}`]);
  });

  it("copyBackup() does not take for the copy what says that it is another than the first", async () => {
    await using job = await openBackedUp();
    const offsite = openMemory();
    await copy(job, offsite);
    await changeManifest(offsite, { state: "partial" });
    await expect(copy(job, offsite)).rejects.toMatchObject({
      code: "damaged",
      message: "The backup b1 in offsite has another manifest than in nas",
    });
  });

  it("copyBackup() into the very place that it reads changes nothing", async () => {
    await using job = await openBackedUp();
    const same = recordingStorage(job.target.storage);
    await copy(job, same);
    expect(same.changes.filter(inBackup)).toEqual([]);
  });
});

it("copyBackup() fails with the target's own error when that dies in the middle", async () => {
  await using job = await openBackedUp();
  const offsite = openMemory();
  const dying = failingStorage(
    offsite,
    failOn("full", ({ kind, key }) => kind === "write" && key === OTHER),
  );
  await expect(copy(job, dying)).rejects.toMatchObject({ name: "StorageError", code: "full" });
  expect(await stateIn(offsite)).toBe("failed");
  expect((await copy(job, offsite)).state).toBe("complete");
});

describe.each(GOLDEN_RELEASES)("a backup of the Go tool %s", (release) => {
  const open = async () => {
    const go = openMemory();
    await writeGolden(go, release, "golden");
    const { signal } = new AbortController();
    const job = { limits: { collections: 2, objects: 8, imports: 1 }, objectLimit: createLimit(8) };
    const copyInto = (offsite: Storage, encryption?: WantedEncryption) => {
      runs += 1;
      const to = { ...toTarget("offsite", offsite), encryption };
      const run = createTestRun(`go_${runs}`, { signal });
      return copyBackup({ backup: "golden", from: toTarget("go", go), to }, { ...job, run }, () => {});
    };
    return { go, copyInto };
  };

  it("copyBackup() makes it the same, its last files last, and finds it there the next time", async () => {
    const { go, copyInto } = await open();
    const offsite = recordingStorage(openMemory());
    const { state, objects, kept } = await copyInto(offsite);
    expect([state, objects > 0, kept]).toEqual(["complete", true, 0]);
    expect(await contentsOf(offsite)).toEqual(await contentsOf(go));
    const written = offsite.changes.filter((change) => change.startsWith("write golden/"));
    expect(written.at(-1)).toBe(`write golden/${META_KEYS.backup}`);
    expect(await listBackups(offsite)).toMatchObject([{ name: "golden", madeBy: "go", state: "complete" }]);
    expect((await copyInto(offsite)).kept).toBe(Object.keys(await contentsOf(go)).length);
  });

  it("copyBackup() is no backup wherever it was stopped, and goes on", async () => {
    const { go, copyInto } = await open();
    const offsite = openMemory();
    await expect(copyInto(failingStorage(offsite, killedAfter(20)))).rejects.toThrow("killed");
    await offsite.delete(await keysOf(offsite, ".milvus-backup/"));
    expect((await listBackups(offsite)).map(({ state }) => state)).toEqual(["interrupted"]);
    expect((await copyInto(offsite)).kept).toBeGreaterThan(10);
    expect(await contentsOf(offsite)).toEqual(await contentsOf(go));
  });

  it("copyBackup() refuses what something else is in, what differs, and a target that encrypts", async () => {
    const { copyInto } = await open();
    const other = openMemory();
    await other.write("golden/binlogs/insert_log/1/2/3/3/4/5", bytesBody("x"));
    await expect(copyInto(other)).rejects.toMatchObject({ code: "refused" });
    const changed = openMemory();
    await copyInto(changed);
    const [key = ""] = await keysOf(changed, "golden/binlogs/");
    const size = (await changed.stat(key))?.bytes ?? 0;
    await changed.write(key, bytesBody("x".repeat(size)));
    await expect(copyInto(changed)).rejects.toMatchObject({ code: "damaged" });
    const sealed = openMemory();
    await expect(copyInto(sealed, { recipients: ["age1"] })).rejects.toMatchObject({ code: "refused" });
    expect(await keysOf(sealed)).toEqual([]);
  });
});
