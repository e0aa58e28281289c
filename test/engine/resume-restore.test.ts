import { describe, expect, it } from "vitest";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { anotherRun, backUp, openTestJob, restore } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { grpcFailure, ok } from "../support/fake-milvus.ts";
import type { FakeHandlers } from "../support/fake-milvus.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { ROWS } from "../support/milvus-world.ts";
import type { MilvusWorld } from "../support/milvus-world.ts";
import { keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";
import { endLeases } from "../support/unfinished.ts";

/** What answers in place of the world, for a while. */
interface Weather {
  handlers: FakeHandlers;
}

async function openJob(weather: Weather): Promise<TestJob> {
  const handlers = (world: MilvusWorld): FakeHandlers =>
    Object.fromEntries(
      Object.entries(world.handlers).map(([rpc, own]) => [
        rpc,
        (request: Readonly<Record<string, unknown>>) => (weather.handlers[rpc as keyof FakeHandlers] ?? own)(request), // by FakeHandlers
      ]),
    );
  const opened = await openTestJob({ collections: ["shop.a", "shop.b"], handlers });
  const job = { ...opened, limits: { ...opened.limits, collections: 1 } }; // a before b, here and in the backup
  await backUp(anotherRun(job));
  return job;
}

/** A restore that is killed at its n-th import: nothing that it asks for after that arrives, neither here nor there. */
async function killAtImport(job: TestJob, weather: Weather, nth: number): Promise<void> {
  let imports = 0;
  let isDead = false;
  const dead = (): never => {
    throw grpcFailure("INTERNAL", "killed");
  };
  const own = job.world.handlers;
  weather.handlers = {
    Import: async (request) => {
      imports += 1;
      if (imports >= nth) isDead = true;
      return isDead ? dead() : ((await own.Import?.(request)) ?? {});
    },
    DropCollection: (request) => (isDead ? dead() : (own.DropCollection?.(request) ?? {})),
    GetImportState: (request) => (isDead ? dead() : (own.GetImportState?.(request) ?? {})),
    CreateCollection: (request) => (isDead ? dead() : (own.CreateCollection?.(request) ?? {})),
  };
  const target = failingStorage(job.target.storage, (operation) =>
    isDead ? failOn("unavailable", () => true)(operation) : undefined,
  );
  await restore(anotherRun(job, target), { suffix: "_r" });
  weather.handlers = {};
  await endLeases(job.target.storage);
}

const rowsOf = (job: TestJob, name: string): number =>
  [...(job.world.collections.get(name)?.rows.values() ?? [])].reduce((sum, rows) => sum + rows, 0);

async function errorOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isBackupError(error) ? `${error.code}: ${error.message}` : String(error);
}

describe("a restore that was interrupted", () => {
  it("is resumed: what was whole is left, what was half made is made anew, and nothing is left of the state", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    await killAtImport(job, weather, 4);
    const ids = (): readonly (bigint | undefined)[] =>
      ["shop.a_r", "shop.b_r"].map((name) => job.world.collections.get(name)?.id);
    const before = ids();
    expect(before[1]).toBeDefined();
    expect(await errorOf(restore(anotherRun(job), { suffix: "_r" }))).toContain("refused: Already there");
    const report = await restore(anotherRun(job), { suffix: "_r", resume: true });
    expect([report.state, report.collections.map(({ notes }) => notes.length)]).toEqual(["complete", [1, 0]]);
    expect([rowsOf(job, "shop.a_r"), rowsOf(job, "shop.b_r")]).toEqual([ROWS, ROWS]);
    expect([ids()[0] === before[0], ids()[1] === before[1]]).toEqual([true, false]);
    expect(withoutRecords(await keysOf(job.target.storage, ".milvus-backup/"))).toEqual([]);
    expect(await keysOf(job.source.root, "restore_temp_")).toEqual([]);
  });

  it("goes on with imports that still run when all of them were started", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    const stop = new AbortController();
    weather.handlers = {
      GetImportState: () => {
        stop.abort(new Error("killed"));
        throw grpcFailure("INTERNAL", "killed");
      },
      DropCollection: () => {
        throw grpcFailure("INTERNAL", "killed");
      },
    };
    await restore(anotherRun(job, job.target.storage, stop.signal), { suffix: "_r", select: ["shop.a"] });
    await endLeases(job.target.storage);
    const asked = job.fake.sent("Import").length;
    let polls = 0;
    weather.handlers = {
      GetImportState: () => {
        polls += 1;
        return ok({ state: polls < 2 ? 2 : 6, row_count: "1", infos: [] });
      },
    };
    const report = await restore(anotherRun(job), { suffix: "_r", select: ["shop.a"], resume: true });
    expect(report.state).toBe("complete");
    expect([job.fake.sent("Import").length - asked, polls]).toEqual([0, expect.any(Number)]);
    expect(rowsOf(job, "shop.a_r")).toBe(ROWS);
  });

  it("never takes somebody else's for its own: a collection of another id is in the way", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    await killAtImport(job, weather, 4);
    const made = job.world.collections.get("shop.b_r")?.id;
    job.world.drop("shop.b_r");
    await job.world.handlers.RenameCollection?.({ db_name: "shop", oldName: "b", newName: "b_r" });
    const resumed = restore(anotherRun(job), { suffix: "_r", resume: true });
    expect(await errorOf(resumed)).toBe("refused: Already there: shop.b_r");
    expect(job.world.collections.get("shop.b_r")?.id).not.toBe(made);
  });

  it("is not resumed when something else is asked for, nor when there is none", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    const none = "refused: Cannot resume a restore of b1: no restore of it into this Milvus was interrupted";
    expect(await errorOf(restore(anotherRun(job), { suffix: "_r", resume: true }))).toBe(none);
    await killAtImport(job, weather, 4);
    expect(await errorOf(restore(anotherRun(job), { suffix: "_s", resume: true }))).toContain(
      "other collections, names",
    );
  });

  it("is not resumed with another backup that was given its name since: what it has restored is of the earlier one", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    await killAtImport(job, weather, 4);
    await deleteBackup(job.target.storage, "b1");
    const select = { include: ["shop.a", "shop.b"], exclude: [] };
    expect((await backUp(anotherRun(job), { select })).state).toBe("complete");
    expect(await errorOf(restore(anotherRun(job), { suffix: "_r", resume: true }))).toMatch(
      /^refused: .* or of an earlier backup of this name$/,
    );
  });

  it("from a target that cannot be written is said not to be resumable, and is whole all the same", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    const run = anotherRun(
      job,
      failingStorage(
        job.target.storage,
        failOn("denied", ({ kind }) => kind === "write"),
      ),
    );
    expect((await restore(run, { suffix: "_r" })).state).toBe("complete");
    const notices = run.run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(notices).toEqual([
      "nas cannot be written: the backup is restored without a lock",
      expect.stringMatching(/^This restore could not be resumed: /),
    ]);
  });

  it("does not begin while another deletes in the target, and keeps a deletion out while it runs", async () => {
    const weather: Weather = { handlers: {} };
    await using job = await openJob(weather);
    const { storage } = job.target;
    const remove = () => holdExclusiveLock(storage, { owner: lockOwner("d", { kind: "delete" }), onFailure: () => {} });
    const lock = await remove();
    expect(await errorOf(restore(anotherRun(job), { suffix: "_r" }))).toMatch(
      /^locked: The target is locked by a delete/,
    );
    await lock[Symbol.asyncDispose]();
    const tried: string[] = [];
    const { Import } = job.world.handlers;
    weather.handlers = {
      Import: async (request) => {
        tried.push(await errorOf(remove()));
        return (await Import?.(request)) ?? {};
      },
    };
    expect((await restore(anotherRun(job), { suffix: "_r" })).state).toBe("complete");
    expect(new Set(tried)).toEqual(
      new Set([expect.stringMatching(/^locked: The target is locked by a restore of b1 /)]),
    );
    await (await remove())[Symbol.asyncDispose]();
  });
});
