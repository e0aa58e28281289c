import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { BackupError } from "../../src/core/errors.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { topOf } from "../support/target-records.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { startFakeMilvus } from "../support/fake-milvus.ts";
import type { FakeMilvus } from "../support/fake-milvus.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { runCommand } from "../support/run-command.ts";
import type { CommandResult } from "../support/run-command.ts";
import { reportOf } from "../support/workspace.ts";

let fake: FakeMilvus;
let folder: Awaited<ReturnType<typeof createConfigFolder>>;
/** Stops the run when Milvus is asked for the segments of shop.b. */
let stop: AbortController | undefined;
let aheadMs = 0;

const policy = (include: readonly string[]) => ({
  source: "prod",
  targets: [{ storage: "nas" }],
  select: { include },
});
const configOf = (include: readonly string[]) => ({
  version: 1,
  sources: { prod: { address: fake.address, storage: "data" } },
  storages: { data: { type: "local", path: "./data", prefix: "files" }, nas: { type: "local", path: "./nas" } },
  policies: { nightly: policy(include), other: policy(["shop.a"]) },
  limits: { collections: 1 },
});

beforeEach(async () => {
  const world = await createMilvusWorld(["shop.a", "shop.b"]);
  const { GetPersistentSegmentInfo: list } = world.handlers;
  const handlers = {
    ...world.handlers,
    GetPersistentSegmentInfo: (request: Readonly<Record<string, unknown>>) => {
      if (request["collectionName"] === "b") stop?.abort(new BackupError("interrupted", "The run was stopped"));
      return list?.(request) ?? {};
    },
  };
  fake = await startFakeMilvus(handlers, { version: "v2.3.5" });
  folder = await createConfigFolder({ "milvus-backup.config.json": configOf(["shop.*"]) });
  for (const name of ["data", "nas"]) await mkdir(join(folder.path, name));
  await using data = await openLocal(join(folder.path, "data"), false);
  await world.seed(data);
  aheadMs = 0;
});

afterEach(async () => {
  await fake[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function call(name: string, ...args: readonly string[]): Promise<CommandResult> {
  aheadMs += 1000; // a backup is named after its second
  const now = (): Date => new Date(Date.now() + aheadMs);
  return runCommand({ cwd: folder.path, now, ...(stop && { signal: stop.signal }) }, name, ...args);
}

/** Runs it until it is stopped; gives the name of what it leaves. */
async function interrupt(...args: readonly [string, ...string[]]): Promise<string> {
  stop = new AbortController();
  const report = reportOf(await call(...args, "--json"));
  stop = undefined;
  expect(report.state).toBe("interrupted");
  return report.backup;
}

const runs = (): Promise<readonly string[]> => readdir(join(folder.path, "nas", ".milvus-backup", "runs"));

describe("run", () => {
  it("goes on with the backup that was interrupted, says so, and leaves nothing of the interrupted run", async () => {
    const backup = await interrupt("run", "nightly");
    expect(await runs()).toHaveLength(1);
    const result = await call("run", "nightly", "--json");
    expect(reportOf(result)).toMatchObject({ backup, state: "complete", exitStatus: 0 });
    expect(result.stdout).toContain(`${backup} is resumed: the run `);
    expect(reportOf(result).collections.map(({ notes }) => notes.length)).toEqual([1, 0]);
    expect(await topOf(join(folder.path, "nas"))).toEqual([backup]);
    expect(reportOf(await call("run", "nightly", "--json")).backup).not.toBe(backup);
  });

  it("--dry-run says that it would", async () => {
    const backup = await interrupt("run", "nightly");
    expect((await call("run", "nightly", "--dry-run")).stdout).toContain(`${backup} goes on: the run `);
  });

  it("--no-resume takes a new one, and so does another policy", async () => {
    const backup = await interrupt("run", "nightly");
    for (const args of [["other"], ["nightly", "--no-resume"]]) {
      const report = reportOf(await call("run", ...args, "--json"));
      expect([report.state, report.backup === backup]).toEqual(["complete", false]);
    }
    const { stdout } = await call("run", "nightly", "--json");
    expect(stdout).not.toContain("resumed"); // something newer is whole: this one is history
  });

  it("takes a new one when the policy was changed since, and says why; --resume then refuses with 15", async () => {
    const backup = await interrupt("run", "nightly");
    await writeFile(join(folder.path, "milvus-backup.config.json"), JSON.stringify(configOf(["*.a"])));
    const refused = await call("run", "nightly", "--resume");
    expect([refused.status, refused.stderr]).toEqual([
      15,
      expect.stringContaining("what is to be backed up was changed"),
    ]);
    const result = await call("run", "nightly", "--json");
    expect(result.stdout).toContain(`${backup} is not resumed: what is to be backed up was changed since it was begun`);
    expect(reportOf(result)).toMatchObject({ state: "complete" });
    expect(reportOf(result).backup).not.toBe(backup);
  });

  it("takes a new one when the interrupted one is old; --resume takes it up all the same", async () => {
    const backup = await interrupt("run", "nightly");
    aheadMs = 7 * 3_600_000;
    const result = await call("run", "nightly", "--json");
    expect(result.stdout).toContain(`${backup} is not resumed: it was begun 7h 0m ago`);
    expect(reportOf(await call("run", "nightly", "--resume", "--json"))).toMatchObject({ backup, state: "complete" });
  });

  it("--resume refuses with 15 when nothing was interrupted, and with 2 what contradicts it", async () => {
    const refused = await call("run", "nightly", "--resume");
    expect([refused.status, refused.stderr]).toEqual([
      15,
      expect.stringContaining("nas has none that was interrupted"),
    ]);
    expect((await call("run", "nightly", "--resume", "--no-resume")).status).toBe(2);
    expect((await call("run", "--plan", "p.json", "--resume")).status).toBe(2);
  });
});

describe("create", () => {
  it("--resume goes on with an encrypted backup, to the same recipients only, and without an identity", async () => {
    const [own, other] = [(await makeDataKey()).recipient, (await makeDataKey()).recipient];
    const words = ["create", "-n", "b1", "--include", "shop.*", "--encrypt-to"] as const;
    expect(await interrupt(...words, own)).toBe("b1");
    expect((await call(...words, other, "--resume")).stderr).toContain(
      "it is encrypted to others than it is to be now",
    );
    const report = reportOf(await call(...words, own, "--resume", "--json"));
    expect([report.state, report.collections[0]?.notes], report.summary).toEqual([
      "complete",
      [expect.stringMatching(/^8 of 8 objects had been copied/)],
    ]);
    expect((await call("verify", "b1", "--target", "nas")).status).toBe(0);
  });

  it("--resume goes on with the backup of that name, and of the same selection only", async () => {
    expect(await interrupt("create", "-n", "b1", "--include", "shop.*")).toBe("b1");
    expect((await call("create", "-n", "b1", "--include", "shop.*")).status).toBe(15);
    expect((await call("create", "-n", "b1", "--resume")).status).toBe(15);
    const report = reportOf(await call("create", "-n", "b1", "--include", "shop.*", "--resume", "--json"));
    expect(report).toMatchObject({ backup: "b1", state: "complete" });
    expect((await call("create", "--resume")).status).toBe(2);
  });
});
