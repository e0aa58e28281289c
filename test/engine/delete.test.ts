/** Deletions: on record before they begin, whole in two attempts whatever fails, and looked at again under the lock. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { writePin } from "../../src/catalog/pins.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { planDelete } from "../../src/core/delete-plan.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runDelete } from "../../src/engine/delete.ts";
import type { OpenTarget } from "../../src/engine/places.ts";
import { whyNot } from "../../src/engine/prune.ts";
import { createRun } from "../../src/engine/run.ts";
import type { Run } from "../../src/engine/run.ts";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { manifestOf } from "../support/manifests.ts";
import { keysOf, readText, writeAll } from "../support/storage-content.ts";

const BACKUP = { name: "b1", state: "complete", collections: 1, bytes: 8 } as const;

async function openWithBackup(): Promise<Storage> {
  const storage = openMemory();
  const keys = [...Object.values(META_KEYS), "binlogs/insert_log/10/20/1/1/100/4", "meta/objects/10.jsonl.gz"];
  await writeAll(storage, Object.fromEntries(keys.map((key) => [`b1/${key}`, "x"])));
  await writeAll(storage, { [`b1/${MANIFEST_KEY}`]: encodeManifest(manifestOf("b1")) });
  return storage;
}

function newRun(runId: string): Run {
  const { signal } = new AbortController();
  return createRun({ runId, signal, now: () => new Date("2026-11-28T02:00:00Z"), display: { renderer: "silent" } });
}

function targetOf(storage: Storage): OpenTarget {
  return { name: "nas", storage, readableByMilvus: false, [Symbol.asyncDispose]: async () => {} };
}

/** What a caller sees, whether it was told by a report or an error. */
async function tryDelete(storage: Storage, runId: string): Promise<RunReport | undefined> {
  try {
    return await runDelete(planDelete(BACKUP, "nas"), newRun(runId), targetOf(storage));
  } catch {
    return undefined; // of the lock
  }
}

describe("runDelete()", () => {
  it("runDelete() records who deletes what and why before it begins", async () => {
    const storage = await openWithBackup();
    expect((await tryDelete(storage, "r1"))?.exitStatus).toBe(0);
    expect(await keysOf(storage, "b1/")).toEqual([]);
    const [key = ""] = await keysOf(storage, DELETIONS_PREFIX);
    expect(key).toBe(`${DELETIONS_PREFIX}20261128T020000000Z_b1.json`);
    expect(JSON.parse(await readText(storage, key))).toMatchObject({
      backup: "b1",
      why: "asked for by name (complete, 1 collection, 8 B)",
      runId: "r1",
      by: expect.stringContaining("@") as string,
    });
  });

  it("runDelete() deletes nothing that cannot be recorded", async () => {
    const storage = await openWithBackup();
    const isRecord = failOn("denied", ({ kind, key }) => kind === "write" && key.startsWith(DELETIONS_PREFIX));
    const report = await tryDelete(failingStorage(storage, isRecord), "r1");
    expect([report?.exitStatus, report?.errors[0]?.message]).toEqual([
      12,
      expect.stringMatching(/^Cannot delete b1: who deletes it and why cannot be recorded: /),
    ]);
    expect((await listBackups(storage)).map(({ state }) => state)).toEqual(["complete"]);
  });

  it("runDelete() looks at the backup again under the lock: one that was pinned meanwhile stays", async () => {
    const storage = await openWithBackup();
    await writePin(storage, { backup: "b1", pin: { at: "2026-11-28T01:00:00.000Z", reason: "audit" } });
    const report = await tryDelete(storage, "r1");
    expect([report?.exitStatus, report?.errors[0]?.message]).toEqual([15, "Cannot delete b1: it is pinned: audit"]);
    expect([await keysOf(storage, DELETIONS_PREFIX), (await listBackups(storage)).length]).toEqual([[], 1]);
  });

  it("runDelete() that fails at any of its calls leaves a backup that is whole or none, and a second one finishes", async () => {
    for (let nth = 0, failed = true; failed; nth += 1) {
      const storage = await openWithBackup();
      const before = await keysOf(storage, "b1/");
      let calls = 0;
      failed = false;
      const failing = failingStorage(storage, ({ kind, key }) => {
        calls += 1;
        if (calls <= nth) return undefined;
        failed = true;
        return new StorageError("unavailable", `Cannot ${kind} "${key}"`);
      });
      const report = await tryDelete(failing, "r1");
      if (!failed) expect([report?.exitStatus, nth > 15]).toEqual([0, true]);
      const left = await keysOf(storage, "b1/");
      const listed = (await listBackups(storage)).filter(({ state }) => state === "complete");
      if (listed.length > 0) expect([nth, left]).toEqual([nth, before]);
      const isGone = left.length === 0;
      expect(isGone || report?.exitStatus !== 0).toBe(true);
      for (const key of await keysOf(storage, ".milvus-backup/locks/")) await storage.delete([key]); // as after half an hour
      if (!isGone) expect((await tryDelete(storage, "r2"))?.exitStatus).toBe(0);
      expect(await keysOf(storage, "b1/")).toEqual([]);
    }
  });
});

describe("whyNot()", () => {
  const decided = {
    policy: "nightly",
    target: "nas",
    allowed: 3,
    verdicts: [],
    backups: [{ name: "b1", state: "complete", startedAt: "2026-11-24T02:00:00.000Z" }],
  } as const;

  it("whyNot() lets go what is as it was decided, and leaves alone what was pinned, changed or is gone", async () => {
    const storage = await openWithBackup();
    const run = newRun("r1");
    const ask = (): Promise<string | undefined> => whyNot(run, { target: targetOf(storage), decided, backup: "b1" });
    expect(await ask()).toBeUndefined();
    await writePin(storage, { backup: "b1", pin: { at: "2026-11-28T01:00:00.000Z", reason: "audit" } });
    expect(await ask()).toBe("it was pinned meanwhile: audit");
    await storage.delete([".milvus-backup/pins/b1"]);
    const healed = { ...decided, backups: [{ ...decided.backups[0], damaged: "an object was missing" }] };
    const target = targetOf(storage);
    expect(await whyNot(run, { target, decided: healed, backup: "b1" })).toBe("a check has judged it anew meanwhile");
    await writeAll(storage, {
      [`b1/${MANIFEST_KEY}`]: encodeManifest(manifestOf("b1", { startedAt: "2026-11-25T02:00:00.000Z" })),
    });
    expect(await ask()).toBe("it is another backup now");
    await storage.delete([`b1/${META_KEYS.backup}`, `b1/${META_KEYS.full}`]);
    expect(await ask()).toBe("it is interrupted now");
    await storage.delete(await keysOf(storage, "b1/"));
    expect(await ask()).toBe("it is gone already");
  });
});
