import { describe, expect, it } from "vitest";
import { choosePolicies } from "../../src/commands/choose-policies.ts";
import { policyRun, runPolicies } from "../../src/commands/run-policies.ts";
import type { CommandDeps } from "../../src/commands/command.ts";
import { openPretty } from "../../src/commands/stderr.ts";
import { BackupError } from "../../src/core/errors.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";
import { createOutput } from "../support/engine-run.ts";
import { runCommand } from "../support/run-command.ts";

/** A Milvus that nobody hears: no policy can begin. */
const SOURCES = { prod: { address: "127.0.0.1:1", storage: "data" } };

function openFolder(groups: object, sources: object = SOURCES): Promise<ConfigFolder> {
  const policies = { nightly: minimalPolicy, hourly: minimalPolicy };
  return createConfigFolder({
    "milvus-backup.config.json": { ...minimalConfig, sources, policies, groups },
    "policies/weekly.json": minimalPolicy,
  });
}

describe("choosePolicies()", () => {
  it.each([
    [["weekly", "nightly", "weekly"], {}, ["weekly", "nightly"]],
    [[], { group: ["prod"] }, ["weekly", "hourly"]],
    [["hourly"], { group: ["prod", "all"] }, ["hourly", "weekly", "nightly"]],
    [[], { all: true }, ["nightly", "hourly", "weekly"]],
  ])("choosePolicies() takes of %j and %j each policy once", async (names, options, expected) => {
    await using folder = await openFolder({ prod: ["weekly", "hourly"], all: ["nightly", "weekly"] });
    expect(choosePolicies(await folder.load(), { names, options })).toEqual(expected);
  });

  it.each([
    [[], {}, "Cannot tell which policies are meant"],
    [["nightly"], { all: true }, "Cannot tell whether all policies are meant, or some"],
    [["nihgtly"], {}, 'There is no policy "nihgtly", did you mean "nightly"?'],
    [[], { group: ["prodd"] }, 'There is no group "prodd", did you mean "prod"?'],
  ])("choosePolicies() refuses %j and %j", async (names, options, message) => {
    await using folder = await openFolder({ prod: ["weekly"] });
    const config = await folder.load();
    expect(() => choosePolicies(config, { names, options })).toThrow(message);
  });

  it("choosePolicies() finds no policy where there is none", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": minimalConfig });
    const config = await folder.load();
    expect(() => choosePolicies(config, { names: [], options: { all: true } })).toThrow("There is no policy");
  });
});

describe("groups in a config", () => {
  it.each([
    [{ prod: ["nightly", "weely"] }, 'there is no policy "weely", did you mean "weekly"?'],
    [{ prod: [] }, "expected the names of policies"],
    [{ prod: ["weekly", "weekly"] }, 'the policy "weekly" is there twice'],
    [{ prod: "weekly" }, "expected a list, got text"],
  ])("%j is refused", async (groups, message) => {
    await using folder = await openFolder(groups);
    const { code, message: told } = await folder.loadError();
    expect([code, told]).toEqual(["invalid", expect.stringContaining(message)]);
  });

  it("a policy that is not right itself is no unknown name", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": { ...minimalConfig, groups: { prod: ["weekly"] } },
      "policies/weekly.json": { ...minimalPolicy, source: "prdo" },
    });
    const { message } = await folder.loadError();
    expect([message.includes("1 problem\n"), message.includes('no source "prdo"')]).toEqual([true, true]);
  });
});

describe("run of several policies", () => {
  it("run --group tries every policy though none can begin, and prints a line for each", async () => {
    await using folder = await openFolder({ prod: ["weekly", "nightly"] });
    const { status, stdout, stderr } = await runCommand({ cwd: folder.path }, "run", "--group", "prod", "--json");
    const lines = stdout.split("\n").map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.map(({ type, policy, exitStatus, summary }) => [type, policy, exitStatus, summary])).toEqual([
      ["run.started", undefined, undefined, undefined],
      ["run.finished", undefined, 14, expect.stringContaining("ECONNREFUSED")],
      ["not-started", "weekly", 14, undefined],
      ["run.started", undefined, undefined, undefined],
      ["run.finished", undefined, 14, expect.stringContaining("ECONNREFUSED")],
      ["not-started", "nightly", 14, undefined],
      ["summary", undefined, 14, "0 of 2 policies complete"],
    ]);
    expect([status, stderr.split("\n").filter((line) => line.startsWith("error: ")).length]).toEqual([14, 2]);
  }, 40_000);

  it("runPolicies() says of each policy that it was not begun once the run is stopped", async () => {
    await using folder = await openFolder({});
    const signal = AbortSignal.abort(new BackupError("terminated", "The run was stopped by SIGTERM"));
    const printed: string[] = [];
    const told: string[] = [];
    const deps: CommandDeps = {
      cwd: folder.path,
      env: {},
      signal,
      now: () => new Date(),
      print: (line) => printed.push(line),
      ...openPretty({ write: (text) => told.push(text) }),
      progress: createOutput(false),
    };
    const caller = { ...deps, display: { renderer: "silent" } as const };
    const config = await folder.load();
    const runs = ["nightly", "weekly"].map((policy) => policyRun(config, policy, caller));
    const { exitStatus, outcomes } = await runPolicies(runs, { config, caller, options: {} }, deps);
    expect([exitStatus, outcomes.map(({ policy }) => policy), printed]).toEqual([143, ["nightly", "weekly"], []]);
    expect(told).toEqual([
      "error: nightly: The run was stopped by SIGTERM\n",
      "error: weekly: The run was stopped by SIGTERM\n",
    ]);
  });
});
