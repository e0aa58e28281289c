import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { MANIFEST_KEY } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody, objectBody, readBytes } from "../../src/io/body.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { backUp, openTestJob, restore } from "../support/engine-run.ts";
import type { Setting, TestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { createFakeClock, createHastyClock } from "../support/fake-clock.ts";
import { grpcFailure, inTurn, ok, refused } from "../support/fake-milvus.ts";
import type { FakeHandlers } from "../support/fake-milvus.ts";
import { PARTITIONS, refusedStatus, ROWS } from "../support/milvus-world.ts";
import { keysOf } from "../support/storage-content.ts";

const NAMES = ["default.a", "shop.b"];
const ROWS_BY_PARTITION = new Map(PARTITIONS.map(({ name, rows }) => [name, rows]));

/** A target with the backup b1 of these collections. */
async function openBackedUp(collections: readonly string[] = NAMES): Promise<Storage> {
  const target = openMemory();
  await using job = await openTestJob({ collections, target });
  expect((await backUp(job)).state).toBe("complete");
  return target;
}

/** An empty Milvus beside it, unless it is said what it holds. */
function openEmpty(target: Storage, given: Partial<Setting> = {}): Promise<TestJob> {
  return openTestJob({ collections: [], target, ...given });
}

/** As a service that copies between its buckets, and tells an MD5 at the most. */
function copyingByItself(to: Storage, from: Storage): Storage {
  return {
    ...to,
    canCopyFrom: () => true,
    copyFrom: async ({ prefix }, { sourceKey, key }) => {
      const { body } = await from.read(prefix === "" ? sourceKey : `${prefix}/${sourceKey}`);
      const bytes = await readBytes(body);
      await to.write(key, bytesBody(bytes));
      return { key, bytes: bytes.length, etag: createHash("md5").update(bytes).digest("hex") };
    },
  };
}

/** Other bytes of the same length. */
async function rot(target: Storage): Promise<void> {
  const [key = ""] = await keysOf(target, "b1/binlogs/insert_log/");
  await target.write(key, bytesBody("?".repeat((await target.stat(key))?.bytes ?? 0)));
}

/** Rows by partition, of every collection that Milvus has in the end. */
function rowsIn({ world }: TestJob): Readonly<Record<string, ReadonlyMap<string, number>>> {
  return Object.fromEntries([...world.collections].map(([name, { rows }]) => [name, rows]));
}

describe("runRestore()", () => {
  it("runRestore() brings every collection back, partition by partition, and leaves no temporary copy", async () => {
    const root = openMemory();
    await using job = await openEmpty(await openBackedUp(), { root });
    const report = await restore(job);
    expect([report.state, report.exitStatus]).toEqual(["complete", 0]);
    expect(report.collections.map(({ rows, rowsFound }) => [rows, rowsFound])).toEqual([
      [ROWS, ROWS],
      [ROWS, ROWS],
    ]);
    expect(rowsIn(job)).toEqual({ "default.a": ROWS_BY_PARTITION, "shop.b": ROWS_BY_PARTITION });
    expect([...job.world.databases]).toEqual(["default", "shop"]);
    expect(await keysOf(root)).toEqual([]);
  });

  it("runRestore() has Milvus read the backup itself where it can", async () => {
    const root = openMemory();
    const target = scopeStorage(root, "backups");
    await using taking = await openTestJob({ collections: NAMES, target, root });
    await backUp(taking);
    await using job = await openEmpty(target, { root });
    expect((await restore(job)).state).toBe("complete");
    const files = job.fake.sent("Import").map((request) => request["files"] as readonly string[]); // by the proto file
    expect(files.map(([insert = ""]) => /^backups\/b1\/binlogs\/insert_log\/.*\/$/.test(insert))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect((await keysOf(root, "restore_temp_")).length).toBe(0);
  });

  it("runRestore() in place finds bytes that changed although the size did not, before Milvus reads them", async () => {
    const root = openMemory();
    const target = scopeStorage(root, "backups");
    await using taking = await openTestJob({ collections: ["default.a"], target, root });
    await backUp(taking);
    const [rotten = ""] = await keysOf(target, "b1/binlogs/insert_log/");
    const bytes = (await target.stat(rotten))?.bytes ?? 0;
    await target.write(rotten, bytesBody("?".repeat(bytes)));
    await using job = await openEmpty(target, { root });
    const report = await restore(job);
    expect([report.state, report.exitStatus, report.collections[0]?.error?.message]).toEqual([
      "failed",
      4,
      expect.stringContaining(`${rotten.slice("b1/".length)} is not what it was`),
    ]);
    expect([job.fake.sent("Import"), [...job.world.collections.keys()]]).toEqual([[], []]);
  });

  it("runRestore() in place does not call complete what was deleted in the backup while Milvus read it", async () => {
    const root = openMemory();
    const target = scopeStorage(root, "backups");
    await using taking = await openTestJob({ collections: ["default.a"], target, root });
    await backUp(taking);
    await using job = await openEmpty(target, {
      root,
      handlers: ({ handlers }) => ({
        Import: async (request) => {
          await target.delete((await keysOf(target, "b1/binlogs/insert_log/")).slice(-1));
          return (await handlers.Import?.(request)) ?? ok();
        },
      }),
    });
    const report = await restore(job);
    expect([report.exitStatus, report.collections[0]?.error?.message]).toEqual([
      4,
      expect.stringMatching(/[12] missing/),
    ]);
    expect([...job.world.collections.keys()]).toEqual([]);
  });

  it("runRestore() in place reads also what is on record by its MD5 alone, as the service copied it", async () => {
    const root = openMemory();
    const target = scopeStorage(root, "backups");
    await using taking = await openTestJob({ collections: ["default.a"], target: copyingByItself(target, root), root });
    await backUp(taking);
    await using whole = await openEmpty(target, { root });
    expect((await restore(whole)).state).toBe("complete");
    await rot(target);
    await using job = await openEmpty(target, { root });
    const report = await restore(job);
    expect([report.exitStatus, report.collections[0]?.error?.code]).toEqual([4, "damaged"]);
    expect([job.fake.sent("Import"), [...job.world.collections.keys()]]).toEqual([[], []]);
  });

  it("runRestore() reads a temporary copy that the service made without telling its checksum", async () => {
    const [target, root] = [await openBackedUp(["default.a"]), openMemory()];
    await rot(target);
    await using job = await openEmpty(target, { root: copyingByItself(root, target) });
    const report = await restore(job);
    expect([report.exitStatus, report.collections[0]?.error?.code]).toEqual([4, "damaged"]);
    expect([job.fake.sent("Import"), await keysOf(root)]).toEqual([[], []]);
  });

  it("runRestore() of one collection that cannot be imported is partial: it is dropped, its copy removed, the others stay", async () => {
    const root = openMemory();
    await using job = await openEmpty(await openBackedUp(), {
      root,
      handlers: ({ handlers }) => ({
        Import: (request) =>
          request["collection_name"] === "b" ? refused(65_535, "no such field") : (handlers.Import?.(request) ?? ok()),
      }),
    });
    const report = await restore(job);
    expect([report.state, report.exitStatus, Object.keys(rowsIn(job))]).toEqual(["partial", 3, ["default.a"]]);
    expect(report.collections.find(({ state }) => state === "failed")?.error?.message).toContain("no such field");
    expect(await keysOf(root)).toEqual([]);
  });

  it("runRestore() fails when the temporary copy cannot be made, and leaves neither it nor a collection", async () => {
    const root = openMemory();
    const failing = failingStorage(
      root,
      failOn("full", ({ kind, key }) => kind === "write" && key.endsWith("/101/1")),
    );
    const target = await openBackedUp();
    await using job = await openEmpty(target, { root: failing });
    const report = await restore(job);
    expect([report.state, report.exitStatus, rowsIn(job), await keysOf(root)]).toEqual(["failed", 1, {}, []]);
  });

  it("runRestore() finds rows that changed in the backup while they are copied", async () => {
    const root = openMemory();
    const target = await openBackedUp(["default.a"]);
    const key = "b1/binlogs/insert_log/200/201/250/250/101/1";
    await target.write(key, bytesBody("ROWS OF FIELD 101"));
    await using job = await openEmpty(target, { root });
    const report = await restore(job);
    expect([report.exitStatus, report.collections[0]?.error?.code, await keysOf(root)]).toEqual([4, "damaged", []]);
  });

  it.each([
    ["missing", (target: Storage, key: string) => target.delete([key])],
    ["another size", (target: Storage, key: string) => target.write(key, bytesBody("short"))],
    ["should not be there", (target: Storage, key: string) => target.write(`${key}9`, bytesBody("x"))],
    [
      "should not be there",
      (target: Storage) => target.write("b1/binlogs/delta_log/200/201/250/250/9", bytesBody("x")),
    ],
  ])("prepareRestore() makes nothing of a backup with an object that is %s", async (what, damage) => {
    const target = await openBackedUp();
    await damage(target, "b1/binlogs/insert_log/200/201/250/250/101/1");
    await using job = await openEmpty(target);
    await expect(restore(job)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining(what) });
    expect([rowsIn(job), [...job.world.databases]]).toEqual([{}, ["default"]]);
    await expect(restore(job, { select: ["shop.*"] })).resolves.toMatchObject({ state: "complete" });
  });

  it("prepareRestore() makes nothing of a backup whose meta files lack what its manifest calls whole", async () => {
    const [target, other] = [await openBackedUp(), await openBackedUp(["default.a"])];
    const full = "b1/meta/full_meta.json";
    await target.write(full, objectBody(other, (await other.stat(full)) ?? { key: full, bytes: 0 }));
    await using job = await openEmpty(target);
    await expect(restore(job)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("shop.b") });
    expect(rowsIn(job)).toEqual({});
  });

  it("prepareRestore() makes nothing of a backup whose manifest calls a collection otherwise", async () => {
    const target = await openBackedUp(["default.a"]);
    const full = "b1/meta/full_meta.json";
    const text = new TextDecoder().decode(await readBytes((await target.read(full)).body));
    await target.write(full, bytesBody(text.replace('"collection_name":"a"', '"collection_name":"c"')));
    await using job = await openEmpty(target);
    await expect(restore(job)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("the manifest calls collection 200 default.a, and they call it default.c"),
    });
    expect(rowsIn(job)).toEqual({});
  });

  it("runRestore() says 4 with the numbers when rows differ, and leaves the new collection for inspection", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      clock: createFakeClock(Date.now()),
      handlers: () => ({ GetPartitionStatistics: () => ok({ stats: [{ key: "row_count", value: "0" }] }) }),
    });
    const report = await restore(job);
    expect([report.state, report.exitStatus, Object.keys(rowsIn(job))]).toEqual(["failed", 4, ["default.a"]]);
    expect(report.collections[0]?.error?.message).toBe(
      "The rows of default.a are not those of the backup: _default: 0 rows, not 5, p1: 0 rows, not 7",
    );
  });

  it("runRestore() waits for rows that Milvus counts late", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      handlers: ({ handlers }) => {
        const late = () => ok({ stats: [{ key: "row_count", value: "0" }] });
        const real = (request: Readonly<Record<string, unknown>>) => handlers.GetPartitionStatistics?.(request) ?? ok();
        return { GetPartitionStatistics: inTurn(late, late, late, real) };
      },
    });
    expect((await restore(job)).state).toBe("complete");
  });

  it("runRestore() restores under other names, into a database that it makes", async () => {
    await using job = await openEmpty(await openBackedUp(), { collections: ["default.a"] });
    const report = await restore(job, { renames: ["default.*:drill.*", "shop.b:drill.z"] });
    expect([report.state, Object.keys(rowsIn(job)).toSorted()]).toEqual([
      "complete",
      ["default.a", "drill.a", "drill.z"],
    ]);
  });

  it("runRestore() makes no collection when its database cannot be made", async () => {
    await using job = await openEmpty(await openBackedUp(), {
      handlers: () => ({ CreateDatabase: () => refusedStatus(1100, "too many databases") }),
    });
    const report = await restore(job);
    expect([report.state, report.exitStatus, rowsIn(job)]).toEqual(["failed", 1, {}]);
    expect(report.collections.map(({ error }) => error?.message)).toEqual([
      "an earlier step failed",
      "an earlier step failed",
    ]);
  });

  it("prepareRestore() refuses names that are taken, and touches nothing", async () => {
    await using job = await openEmpty(await openBackedUp(), { collections: ["default.a"] });
    await expect(restore(job)).rejects.toMatchObject({ code: "refused", message: "Already there: default.a" });
    expect(Object.keys(rowsIn(job))).toEqual(["default.a"]);
  });

  it("runRestore() with skip leaves what is there, and restores the rest", async () => {
    await using job = await openEmpty(await openBackedUp(), { collections: ["default.a"] });
    const before = job.world.collections.get("default.a");
    const report = await restore(job, { onConflict: "skip" });
    expect([report.state, report.warnings]).toEqual(["complete", ["default.a is there and is left as it is"]]);
    expect(job.world.collections.get("default.a")).toBe(before);
  });

  it("runRestore() with append adds the rows to those that are there", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), { collections: ["default.a"] });
    const report = await restore(job, { onConflict: "append" });
    expect([report.state, report.collections[0]?.rowsFound]).toEqual(["complete", ROWS]);
    expect(rowsIn(job)).toEqual({ "default.a": new Map(PARTITIONS.map(({ name, rows }) => [name, 2 * rows])) });
  });

  it("runRestore() with replace puts the restored one in the old one's place, with its aliases", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), { collections: ["default.a"] });
    const old = job.world.collections.get("default.a");
    old?.aliases.push("books");
    const report = await restore(job, { onConflict: "replace" });
    const now = job.world.collections.get("default.a");
    expect([report.state, [...job.world.collections.keys()], now?.aliases]).toEqual([
      "complete",
      ["default.a"],
      ["books"],
    ]);
    expect(now).not.toBe(old);
  });

  it("runRestore() with replace leaves the old one as it was when the import fails", async () => {
    const root = openMemory();
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      root,
      collections: ["default.a"],
      handlers: () => ({ Import: () => refused(65_535, "no") }),
    });
    const files = await keysOf(root);
    const old = job.world.collections.get("default.a");
    const report = await restore(job, { onConflict: "replace" });
    expect([report.state, [...job.world.collections.keys()]]).toEqual(["failed", ["default.a"]]);
    expect(job.world.collections.get("default.a")).toBe(old);
    expect(await keysOf(root)).toEqual(files);
  });

  it.each([
    ["fails", refusedStatus(65_535, "no")],
    ["is answered with nothing", {}],
  ])("runRestore() with replace says where the rows are when the last rename %s", async (_, answer) => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      collections: ["default.a"],
      handlers: () => ({ RenameCollection: () => answer }),
    });
    const report = await restore(job, { onConflict: "replace" });
    const [aside = ""] = [...job.world.collections.keys()];
    expect(aside).toBe(`default.a__restore_${job.run.runId}`);
    expect(report.collections[0]?.error?.hint).toContain(aside.replace("default.", ""));
  });

  it("runRestore() with replace says where the rows are when the old one cannot be dropped", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      collections: ["default.a"],
      handlers: ({ handlers }) => ({
        DropCollection: (request) =>
          request["collection_name"] === "a"
            ? refusedStatus(65_535, "no")
            : (handlers.DropCollection?.(request) ?? ok()),
      }),
    });
    const report = await restore(job, { onConflict: "replace" });
    const { error } = report.collections[0] ?? {};
    const left = [...job.world.collections.keys()];
    expect(report.state).toBe("failed");
    expect(left).toContain("default.a");
    for (const name of left.slice(1))
      expect(`${error?.message} ${error?.hint}`).toContain(name.replace("default.", ""));
  });

  it("runRestore() of a partial backup is partial, and names what the backup lacks", async () => {
    const target = await openBackedUp();
    const manifest = await readManifest(target, "b1");
    if (manifest === undefined) throw new TypeError("There is no manifest");
    const lost = {
      id: "0",
      database: "shop",
      name: "lost",
      state: "failed",
      rows: 0,
      segments: 0,
      objects: 0,
      bytes: 0,
    } as const;
    const partial = {
      ...manifest,
      state: "partial" as const,
      collections: [...manifest.collections, { ...lost, reason: "it timed out" }],
    };
    await target.write(`b1/${MANIFEST_KEY}`, bytesBody(encodeManifest(partial)));
    await using job = await openEmpty(target);
    const report = await restore(job);
    expect([report.state, report.exitStatus, report.collections.at(-1)?.error?.message]).toEqual([
      "partial",
      3,
      "it is not in the backup: it timed out",
    ]);
  });

  it("runRestore() that is stopped while it copies removes the copy and what it made", async () => {
    const root = openMemory();
    const controller = new AbortController();
    const stopping = failingStorage(root, ({ kind }) => {
      if (kind === "write") controller.abort(new BackupError("interrupted", "The run was stopped by SIGINT"));
      return undefined;
    });
    await using job = await openEmpty(await openBackedUp(), { root: stopping, signal: controller.signal });
    const report = await restore(job);
    expect([report.state, report.exitStatus, rowsIn(job), await keysOf(root)]).toEqual(["interrupted", 130, {}, []]);
  });

  it("runRestore() that is stopped during an import waits for the task, then removes the copy and what it made", async () => {
    const root = openMemory();
    const controller = new AbortController();
    let asked = 0;
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      root,
      signal: controller.signal,
      handlers: () => ({
        GetImportState: () => {
          asked += 1;
          if (asked === 1) controller.abort(new BackupError("terminated", "The run was stopped by SIGTERM"));
          return ok({ state: asked < 3 ? 2 : 6, row_count: "0", infos: [] });
        },
      }),
    });
    const report = await restore(job);
    expect([report.state, report.exitStatus, rowsIn(job), await keysOf(root)]).toEqual(["interrupted", 143, {}, []]);
    expect(asked).toBeGreaterThanOrEqual(3);
  });

  it("runRestore() leaves an import alone that still runs when another one failed before it", async () => {
    const root = openMemory();
    const handlers = ({ handlers: own }: TestJob["world"]): FakeHandlers => ({
      Import: (request) =>
        request["partition_name"] === "p1" ? refused(65_535, "no such field") : (own.Import?.(request) ?? ok()),
      GetImportState: () => ok({ state: 2, row_count: "0", infos: [] }),
    });
    const clock = createHastyClock();
    await using job = await openEmpty(await openBackedUp(["default.a"]), { root, handlers, clock });
    const { runId, collections } = await restore(job);
    const { message, hint } = collections[0]?.error ?? {};
    expect([message, hint]).toEqual([
      expect.stringMatching(/no such field.*; Import task 77 into default\.a still runs$/),
      `when it has ended, drop default.a and remove restore_temp_${runId}/ from Milvus's storage`,
    ]);
    expect([Object.keys(rowsIn(job)), (await keysOf(root, `restore_temp_${runId}/`)).length > 0]).toEqual([
      ["default.a"],
      true,
    ]);
  });

  it("runRestore() goes on when Milvus cannot tell of an import for a moment, and leaves it alone when it never does", async () => {
    const target = await openBackedUp(["default.a"]);
    const broken = (): object => refused(65_535, "etcdserver: leader changed");
    const answers = inTurn(broken, () => ok({ state: 6, row_count: "0", infos: [] }));
    await using passing = await openEmpty(target, { handlers: () => ({ GetImportState: answers }) });
    expect((await restore(passing)).state).toBe("complete");
    const root = openMemory();
    const clock = createHastyClock();
    await using job = await openEmpty(target, { root, clock, handlers: () => ({ GetImportState: broken }) });
    const { runId, collections } = await restore(job);
    expect(collections[0]?.error?.message).toContain("Import task 77 into default.a still runs");
    expect([Object.keys(rowsIn(job)), (await keysOf(root, `restore_temp_${runId}/`)).length > 0]).toEqual([
      ["default.a"],
      true,
    ]);
  });

  it.each([
    ["UNAVAILABLE", grpcFailure("UNAVAILABLE", "gone"), 14],
    ["DEADLINE_EXCEEDED", grpcFailure("DEADLINE_EXCEEDED", "too late"), 14],
    ["{}", undefined, 14],
    ["running", ok({ state: 2, row_count: "0", infos: [] }), 1],
  ])("runRestore() says by its status why it left an import alone: %s as long as it waits", async (_, answer, exit) => {
    const root = openMemory();
    const GetImportState = (): object => {
      if (answer instanceof Error) throw answer;
      return answer ?? new Uint8Array();
    };
    const clock = createHastyClock();
    const target = await openBackedUp(["default.a"]);
    await using job = await openEmpty(target, { root, clock, handlers: () => ({ GetImportState }) });
    const { exitStatus, runId, collections } = await restore(job);
    const { message, hint } = collections[0]?.error ?? {};
    expect([exitStatus, message]).toEqual([
      exit,
      expect.stringContaining("Import task 77 into default.a still runs: "),
    ]);
    expect(hint).toContain(`drop default.a and remove restore_temp_${runId}/`);
    expect([Object.keys(rowsIn(job)), (await keysOf(root)).length > 0]).toEqual([["default.a"], true]);
  });

  it("runRestore() leaves an import alone whose answer was lost, and says what to do with it when it has ended", async () => {
    const root = openMemory();
    const target = await openBackedUp(["default.a"]);
    const handlers = (): FakeHandlers => ({
      Import: () => {
        throw grpcFailure("UNAVAILABLE", "Connection dropped");
      },
    });
    await using job = await openEmpty(target, { root, handlers });
    const { exitStatus, runId, collections } = await restore(job);
    expect([exitStatus, collections[0]?.error?.hint, Object.keys(rowsIn(job))]).toEqual([
      14,
      "it may be running: look for it in Milvus's log, and when it has ended, drop default.a and " +
        `remove restore_temp_${runId}/ from Milvus's storage`,
      ["default.a"],
    ]);
    expect((await keysOf(root, `restore_temp_${runId}/`)).length).toBeGreaterThan(0);
  });

  it("runRestore() tells the failure that came first when what it made cannot be removed, and names what is left", async () => {
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      handlers: () => ({
        Import: () => refused(65_535, "no such field"),
        DropCollection: () => refusedStatus(65_535, "cannot drop"),
      }),
    });
    const { error } = (await restore(job)).collections[0] ?? {};
    expect(error?.message).toContain("no such field");
    expect(`${error?.message} ${error?.hint}`).toContain("default.a");
  });

  it("runRestore() tells the failure that came first when the temporary copy cannot be removed, and names the copy", async () => {
    const root = openMemory();
    const stuck = failingStorage(
      root,
      failOn("denied", ({ kind }) => kind === "delete"),
    );
    await using job = await openEmpty(await openBackedUp(["default.a"]), {
      root: stuck,
      handlers: () => ({ Import: () => refused(65_535, "no such field") }),
    });
    const { error } = (await restore(job)).collections[0] ?? {};
    expect(error?.message).toContain("no such field");
    expect(`${error?.message} ${error?.hint}`).toContain(`restore_temp_${job.run.runId}`);
  });
});
