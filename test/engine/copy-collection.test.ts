import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { readObjectList } from "../../src/catalog/object-list.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { copyCollection } from "../../src/engine/copy-collection.ts";
import { listPayload, removePayload } from "../../src/engine/payload.ts";
import type { ProgressUpdate } from "../../src/engine/progress.ts";
import { openRunState } from "../../src/engine/run-state.ts";
import { openSpool } from "../../src/engine/spool.ts";
import { bytesBody } from "../../src/io/body.ts";
import { collect } from "../support/collect.ts";
import { openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage, failOn, killedAfter } from "../support/failing-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";

const CONTENT = new Map([
  ["insert_log/200/201/250/100/1", "one"],
  ["insert_log/200/201/250/101/1", "other"],
  ["delta_log/200/201/250/7", ""],
]);
const OBJECTS = [...CONTENT].map(([sourceKey, content]) => ({
  sourceKey,
  key: `binlogs/${sourceKey.replace("/250/", "/250/250/")}`,
  bytes: content.length,
}));

const PLACE = { backup: "b1", collectionId: 200n };

async function openJob(target: Storage, change: (root: Storage) => Storage = (root) => root): Promise<TestJob> {
  const root = openMemory();
  await writeAll(root, Object.fromEntries([...CONTENT].map(([key, content]) => [`files/${key}`, content])));
  return openTestJob({ collections: [], target, root: change(root) });
}

async function copy(job: TestJob, objects = OBJECTS): Promise<readonly ProgressUpdate[]> {
  const updates: ProgressUpdate[] = [];
  await using spool = await openSpool(job.run.runId);
  const state = openRunState({ storage: job.target.storage, runId: job.run.runId, spool });
  const progress = (update: ProgressUpdate): void => void updates.push(update);
  await copyCollection(job, { ...PLACE, objects }, { spool, progress, state, isResumed: false });
  return updates;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("copyCollection()", () => {
  it("copyCollection() copies every object and lists it with its checksum, in the order of keys", async () => {
    const target = openMemory();
    await using job = await openJob(target);
    const updates = await copy(job);
    expect(await collect(readObjectList(target, PLACE))).toEqual([
      { key: "binlogs/delta_log/200/201/250/250/7", bytes: 0, sha256: sha256("") },
      { key: "binlogs/insert_log/200/201/250/250/100/1", bytes: 3, sha256: sha256("one") },
      { key: "binlogs/insert_log/200/201/250/250/101/1", bytes: 5, sha256: sha256("other") },
    ]);
    expect(await collect(listPayload(target, PLACE))).toEqual(
      (await collect(readObjectList(target, PLACE))).map(({ key, bytes }) => ({ key, bytes })),
    );
    expect(updates.at(-1)).toEqual({ phase: "copy", done: 8, total: 8, unit: "bytes" });
  });

  it("copyCollection() of nothing makes an empty list", async () => {
    const target = openMemory();
    await using job = await openJob(target);
    await copy(job, []);
    expect([await keysOf(target), await collect(readObjectList(target, PLACE))]).toEqual([
      ["b1/meta/objects/200.jsonl.gz"],
      [],
    ]);
  });

  it.each([
    [
      "one that is missing",
      (target: Storage) => target.delete(["b1/binlogs/insert_log/200/201/250/250/100/1"]),
      "1 missing",
    ],
    [
      "one too many",
      (target: Storage) => target.write("b1/binlogs/delta_log/200/201/250/250/8", bytesBody("")),
      "1 that should not be there",
    ],
    [
      "one of another partition",
      (target: Storage) => target.write("b1/binlogs/delta_log/200/9/9/9/9", bytesBody("")),
      "1 that should not be there",
    ],
    [
      "one of another size",
      (target: Storage) => target.write("b1/binlogs/insert_log/200/201/250/250/100/1", bytesBody("longer")),
      "1 of another size",
    ],
  ])("copyCollection() fails when the backup then has %s, and writes no list", async (_, change, message) => {
    const target = openMemory();
    let copied = 0;
    const changing: Storage = {
      ...target,
      write: async (key, body, options) => {
        const info = await target.write(key, body, options);
        if (key.includes("binlogs/")) copied += 1;
        if (copied === OBJECTS.length) await change(target);
        return info;
      },
    };
    await using job = await openJob(changing);
    await expect(copy(job)).rejects.toMatchObject({ code: "failed", message: expect.stringContaining(message) });
    expect(await keysOf(target, "b1/meta/")).toEqual([]);
  });

  it("copyCollection() is not disturbed by what other collections have", async () => {
    const target = openMemory();
    await writeAll(target, { "b1/binlogs/insert_log/2001/1/1/1/1/1": "x", "b1/binlogs/insert_log/20/1/1/1/1/1": "x" });
    await using job = await openJob(target);
    await expect(copy(job)).resolves.toBeDefined();
  });

  it("copyCollection() tells once that the service refused to copy by itself, and streams", async () => {
    const target = openMemory();
    await using job = await openJob(
      failingStorage(
        { ...target, canCopyFrom: () => true },
        failOn("denied", ({ kind }) => kind === "copy"),
      ),
    );
    await copy(job);
    const notices = job.run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(notices).toEqual(["the service refused to copy by itself: objects stream through this machine"]);
    expect((await collect(readObjectList(target, PLACE))).map(({ sha256: hash }) => hash)).toContain(sha256("one"));
  });

  it("copyCollection() fails with the storage's own error when an object is gone", async () => {
    await using job = await openJob(openMemory(), (root) =>
      failingStorage(
        root,
        failOn("missing", ({ kind, key }) => kind === "read" && key.endsWith("/100/1")),
      ),
    );
    await expect(copy(job)).rejects.toMatchObject({ name: "StorageError", code: "missing" });
  });

  it("copyCollection() that goes on after a kill copies again no more than what was not recorded yet", async () => {
    const target = openMemory();
    const many = Array.from({ length: 250 }, (_, log) => `insert_log/200/201/250/100/${log + 1}`);
    const root = openMemory();
    await writeAll(root, Object.fromEntries(many.map((key) => [`files/${key}`, key])));
    const objects = many.map((sourceKey) => ({
      sourceKey,
      key: `binlogs/${sourceKey.replace("/250/", "/250/250/")}`,
      bytes: sourceKey.length,
    }));
    const copyInto = async (into: Storage, isResumed: boolean): Promise<void> => {
      await using job = await openTestJob({ collections: [], target: into, root });
      await using spool = await openSpool(job.run.runId);
      const state = openRunState({ storage: into, runId: "r1", spool });
      await copyCollection(job, { ...PLACE, objects }, { spool, progress: () => {}, state, isResumed });
    };
    await expect(copyInto(failingStorage(target, killedAfter(230)), false)).rejects.toThrow("killed");
    const recording = recordingStorage(target);
    await copyInto(recording, true);
    const copied = recording.changes.filter((change) => change.startsWith("write b1/binlogs/"));
    expect(copied.length).toBeLessThanOrEqual(60);
    expect(await collect(readObjectList(target, PLACE))).toHaveLength(250);
  });
});

it("removePayload() takes a collection's objects and list, and nothing else", async () => {
  const target = openMemory();
  const others = [
    "b1/binlogs/insert_log/2001/1/1/1/1/1",
    "b1/meta/manifest.json",
    "b2/binlogs/insert_log/200/1/1/1/1/1",
  ];
  await writeAll(target, Object.fromEntries(others.map((key) => [key, "x"])));
  await using job = await openJob(target);
  await copy(job);
  await removePayload(target, PLACE);
  expect(await keysOf(target)).toEqual(others);
  await removePayload(target, PLACE);
});
