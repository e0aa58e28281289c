/** plan --out and run --plan on the fake Milvus: what was looked at is taken, or nothing. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { HookConfig } from "../../src/core/contracts/hooks.ts";
import type { ReadPlanFile } from "../../src/core/plan-file.ts";
import { runPolicy } from "../../src/index.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { startFakeMilvus } from "../support/fake-milvus.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import type { MilvusWorld } from "../support/milvus-world.ts";
import type { CommandResult } from "../support/run-command.ts";
import { runCommand } from "../support/run-command.ts";

interface Place extends AsyncDisposable {
  readonly path: string;
  readonly world: MilvusWorld;
  readonly run: (...args: readonly [string, ...string[]]) => Promise<CommandResult>;
  readonly setPolicy: (select: PolicyConfig["select"], hooks?: readonly HookConfig[]) => Promise<void>;
}

/** A Milvus with three collections, and a policy for those of the shop and one for all. */
async function openPlace(select: PolicyConfig["select"] = { include: ["shop.*"] }): Promise<Place> {
  const world = await createMilvusWorld(["shop.a", "shop.b", "default.c"]);
  const fake = await startFakeMilvus(world.handlers, { version: "v2.3.5" });
  const config = (given: PolicyConfig["select"], hooks: readonly HookConfig[] = []) => ({
    version: 1,
    sources: { prod: { address: fake.address, storage: "data" } },
    storages: { data: { type: "local", path: "./data", prefix: "files" }, nas: { type: "local", path: "./nas" } },
    policies: {
      nightly: { source: "prod", targets: [{ storage: "nas" }], select: given, hooks },
      weekly: { source: "prod", targets: [{ storage: "nas" }] },
    },
  });
  const folder = await createConfigFolder({ "milvus-backup.config.json": config(select) });
  const { path } = folder;
  for (const name of ["data", "nas"]) await mkdir(join(path, name));
  await using data = await openLocal(join(path, "data"), false);
  await world.seed(data);
  return {
    path,
    world,
    run: (name, ...args) => runCommand({ cwd: path }, name, ...args),
    setPolicy: (given, hooks) =>
      writeFile(join(path, "milvus-backup.config.json"), JSON.stringify(config(given, hooks))),
    [Symbol.asyncDispose]: async () => {
      await fake[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function planned(place: Place): Promise<void> {
  expect((await place.run("plan", "nightly", "--out", "plan.json")).status).toBe(0);
}

async function readPlan({ path }: Place): Promise<ReadPlanFile> {
  return JSON.parse(await readFile(join(path, "plan.json"), "utf8")) as ReadPlanFile; // as it was just written
}

describe("run --plan", () => {
  it("run --plan takes what was planned under its name, also when what is not selected has changed", async () => {
    await using place = await openPlace();
    await planned(place);
    place.world.drop("default.c");
    const { plan, source, policy } = await readPlan(place);
    expect([source.name, policy.name, plan.steps.map(({ id }) => id)]).toEqual([
      "prod",
      "nightly",
      ["begin", "shop.a", "shop.b", "commit"],
    ]);
    const { status, stdout, stderr } = await place.run("run", "--plan", "plan.json", "--json");
    const report: unknown = JSON.parse(stdout.split("\n").at(-1) ?? "");
    expect([status, stderr]).toEqual([0, ""]);
    expect(report).toMatchObject({ state: "complete", backup: plan.backup });
  });

  it("runPolicy() of the library takes what was planned, too, and only of the policy that is named", async () => {
    await using place = await openPlace();
    await planned(place);
    const { plan } = await readPlan(place);
    const options = { plan: "plan.json", cwd: place.path };
    await expect(runPolicy({ ...options, policy: "weekly" })).rejects.toMatchObject({
      code: "usage",
      message: "plan.json is a plan of the policy nightly, not of weekly",
    });
    expect(await runPolicy({ ...options, policy: "nightly" })).toMatchObject({
      state: "complete",
      backup: plan.backup,
    });
    place.world.drop("shop.a");
    await expect(runPolicy({ ...options, policy: "nightly" })).rejects.toMatchObject({ code: "refused" });
  });

  it("run --plan refuses with what has changed, and takes nothing", async () => {
    await using place = await openPlace();
    await planned(place);
    const { madeAt } = await readPlan(place);
    place.world.drop("shop.a");
    const { status, stderr } = await place.run("run", "--plan", "plan.json");
    expect([status, stderr]).toEqual([
      15,
      `error: The source or a target has changed since ${madeAt}:\n  - shop.a is gone, or no longer selected\n` +
        "hint: plan it again, look at it, and run that",
    ]);
    expect((await place.run("list", "--target", "nas")).stdout).toBe("There is no backup");
  });

  it("run --plan refuses when the policy is another", async () => {
    await using place = await openPlace();
    await planned(place);
    await place.setPolicy({ include: ["shop.*"], exclude: ["shop.b"] });
    const { status, stderr } = await place.run("run", "--plan", "plan.json");
    expect([status, stderr]).toEqual([15, expect.stringContaining("The plan is of another policy nightly")]);
  });

  it("run --plan refuses a file that was changed by hand", async () => {
    await using place = await openPlace();
    await planned(place);
    const { plan, ...head } = await readPlan(place);
    const steps = plan.steps.filter(({ id }) => id !== "shop.b");
    await writeFile(join(place.path, "plan.json"), JSON.stringify({ ...head, plan: { ...plan, steps } }));
    const { status, stderr } = await place.run("run", "--plan", "plan.json");
    expect([status, stderr]).toEqual([13, expect.stringContaining("plan.json was changed after it was made")]);
  });

  it("run --plan refuses other hooks than were planned, in the policy and in the file, and takes nothing", async () => {
    await using place = await openPlace();
    const hooks: readonly HookConfig[] = [
      { around: "run", before: { command: ["true"] }, after: { command: ["true"] } },
    ];
    await place.setPolicy({ include: ["shop.*"] }, hooks);
    await planned(place);
    const { plan, ...head } = await readPlan(place);
    expect(plan.hooks).toMatchObject([
      { name: "around-run-1", scope: "run", on: "before", use: "command" },
      { name: "around-run-1", scope: "run", on: "after", use: "command" },
    ]);
    await writeFile(join(place.path, "less.json"), JSON.stringify({ ...head, plan: { ...plan, hooks: [] } }));
    const changed = await place.run("run", "--plan", "less.json");
    await place.setPolicy({ include: ["shop.*"] }, [
      { around: "run", before: { command: ["false"] }, after: { command: ["true"] } },
    ]);
    const other = await place.run("run", "--plan", "plan.json");
    expect([changed.status, changed.stderr, other.status, other.stderr]).toEqual([
      13,
      expect.stringContaining("less.json was changed after it was made: its hooks are not those of its policy"),
      15,
      expect.stringContaining("The plan is of another policy nightly"),
    ]);
    expect((await place.run("list", "--target", "nas")).stdout).toBe("There is no backup");
    await place.setPolicy({ include: ["shop.*"] }, hooks);
    expect((await place.run("run", "--plan", "plan.json")).status).toBe(0);
  });

  it.each([
    ["what is no JSON", "{", "plan.json is no plan file: it is not JSON"],
    ["what is no plan", "{}", "plan.json is no plan file: formatVersion: "],
  ])("run --plan refuses %s", async (_, content, message) => {
    await using place = await openPlace();
    await writeFile(join(place.path, "plan.json"), content);
    const { status, stderr } = await place.run("run", "--plan", "plan.json");
    expect([status, stderr]).toEqual([13, expect.stringContaining(message)]);
  });

  it("run --plan says so when the file is not there, and when a policy is named as well", async () => {
    await using place = await openPlace();
    const missing = await place.run("run", "--plan", "plan.json");
    expect([missing.status, missing.stderr]).toEqual([10, expect.stringContaining("Cannot read the plan plan.json")]);
    const folder = await place.run("run", "--plan", "nas");
    expect([folder.status, folder.stderr]).toEqual([1, expect.stringContaining("Cannot read the plan nas")]);
    const both = await place.run("run", "nightly", "--plan", "plan.json");
    const none = await place.run("run");
    expect([both.status, both.stderr]).toEqual([
      2,
      expect.stringContaining("A plan file says itself which policy is run"),
    ]);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("Cannot tell which policies are meant")]);
  });
});

describe("plan", () => {
  it("plan shows about how much it is, what was selected and what not", async () => {
    await using place = await openPlace();
    const { stdout } = await place.run("plan", "nightly");
    expect(stdout).toContain(
      "shop.* selects it; flushed first, so that every row so far is in it; about 12 rows, 336 B",
    );
    expect(stdout).toContain("in all about 24 rows, 672 B, 32 requests to storages");
    expect(stdout).toMatch(/include +shop\.\* +2\n/);
    expect(stdout).toContain("left out (1):\n  default.c: no include matches it");
  });

  it("plan selects by properties and size, for which run asks, too", async () => {
    await using place = await openPlace({ where: { largerThan: "1KiB" } });
    for (const command of ["plan", "run"]) {
      const { status, stderr } = await place.run(command, "nightly");
      expect([status, stderr]).toEqual([15, expect.stringContaining("Nothing to back up: none of 3 collections")]);
    }
  });

  it("plan --out is of one policy, and says so when the file cannot be written", async () => {
    await using place = await openPlace();
    expect((await place.run("plan", "nightly", "weekly", "--out", "plan.json")).status).toBe(2);
    const { status, stderr } = await place.run("plan", "nightly", "--out", "not/there.json");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Cannot write the plan to not/there.json")]);
  });
});
