/** Policies with several targets on the fake Milvus and directories: which is written, and where backups are found then. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/core/plan.ts";
import type { reportOf } from "../support/workspace.ts";
import { topOf } from "../support/target-records.ts";
import { breakTarget, mendTarget, openTwoTargets, takeNightly, withoutNas } from "../support/two-targets.ts";

function namesAndStates({ targets = [] }: ReturnType<typeof reportOf>): readonly unknown[] {
  return targets.map(({ name, state }) => [name, state]);
}

describe("run of a policy with several targets", () => {
  it("run writes the first target and copies to the next: list shows both", async () => {
    await using place = await openTwoTargets();
    const report = await takeNightly(place);
    expect([report.exitStatus, namesAndStates(report)]).toEqual([
      0,
      [
        ["nas", "complete"],
        ["offsite/copies", "complete"],
      ],
    ]);
    const listed = JSON.parse((await place.run("list", "--json")).stdout) as readonly Record<string, unknown>[];
    expect(listed.map(({ target, name, state }) => [target, name, state])).toEqual(
      ["nas", "offsite/copies"].map((target) => [target, report.backup, "complete"]),
    );
  });

  it("run writes the second target when the first is out of reach, and says so; plan does as well", async () => {
    await using place = await openTwoTargets();
    await withoutNas(place);
    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect([plan.target, plan.steps.at(-1)]).toMatchObject(["offsite/copies", { kind: "copy-backup", target: "nas" }]);
    const report = await takeNightly(place);
    expect([report.state, report.exitStatus, report.target, namesAndStates(report)]).toEqual([
      "partial",
      3,
      "offsite/copies",
      [
        ["offsite/copies", "complete"],
        ["nas", "failed"],
      ],
    ]);
    expect(report.warnings).toEqual([expect.stringMatching(/^written to offsite\/copies, since nas could not be: /)]);
  });

  it("run does not begin when no target can be written, and names them all", async () => {
    await using place = await openTwoTargets();
    await withoutNas(place);
    await breakTarget(place, "offsite");
    const { status, stderr } = await place.run("run", "nightly");
    expect([status, stderr]).toEqual([
      expect.any(Number),
      expect.stringMatching(/^error: None of the 2 targets can be written: nas: .*; offsite\/copies: /),
    ]);
    expect(status).toBeGreaterThan(0);
  });

  it("plan writes nothing to any target, and run leaves no probe", async () => {
    await using place = await openTwoTargets();
    expect((await place.run("plan", "nightly")).status).toBe(0);
    const of = (name: string): Promise<readonly string[]> => topOf(join(place.path, name));
    expect([await of("nas"), await of("offsite")]).toEqual([[], []]);
    const { backup } = await takeNightly(place);
    expect([await of("nas"), await of("offsite/copies")]).toEqual([[backup], [backup]]);
  });

  it("run --plan refuses when another target would be written than was planned", async () => {
    await using place = await openTwoTargets();
    expect((await place.run("plan", "nightly", "--out", "plan.json")).status).toBe(0);
    await breakTarget(place, "nas");
    const { status, stderr } = await place.run("run", "--plan", "plan.json");
    expect([status, stderr]).toEqual([15, expect.stringContaining("  ~ offsite/copies is written first, not nas\n")]);
  });
});

describe("a backup that is in several targets", () => {
  it("restore and get take the first target that has it whole", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await rm(join(place.path, "nas", backup, "meta", "backup_meta.json"));
    const { status, stdout } = await place.run("get", backup);
    expect([status, stdout]).toEqual([0, expect.stringContaining("  state       complete")]);
    const plan = await place.run("restore", backup, "--suffix", "_2", "--dry-run", "--json");
    expect(JSON.parse(plan.stdout)).toMatchObject({ target: "offsite/copies", warnings: [] });
  });

  it("restore takes what is left when a target is out of reach, and says which", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await withoutNas(place);
    const plan = await place.run("restore", backup, "--suffix", "_2", "--dry-run", "--json");
    expect(JSON.parse(plan.stdout)).toMatchObject({
      target: "offsite/copies",
      warnings: [expect.stringMatching(/^nas could not be looked at: /)],
    });
  });

  it("restore --from reads the target that it names, in place of --target", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const plan = await place.run(
      "restore",
      backup,
      "--from",
      "offsite/copies",
      "--suffix",
      "_2",
      "--dry-run",
      "--json",
    );
    expect(JSON.parse(plan.stdout)).toMatchObject({ target: "offsite/copies" });
    const { status } = await place.run("restore", backup, "--from", "nas", "--target", "nas");
    expect(status).toBe(2);
  });

  it("restore refuses two backups that share no more than the name", async () => {
    await using place = await openTwoTargets();
    for (const target of ["nas", "offsite/copies"]) {
      expect((await place.run("create", "-n", "b1", "--target", target)).status).toBe(0);
    }
    const { status, stderr } = await place.run("restore", "b1");
    expect([status, stderr]).toEqual([
      2,
      "error: The backup b1 is in 2 targets\nhint: say --target with one of nas, offsite/copies",
    ]);
  });

  it("delete asks which one is meant, and deletes that one by the name that list shows", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const { status, stderr } = await place.run("delete", backup, "--yes");
    expect([status, stderr]).toEqual([2, expect.stringContaining("say --target with one of nas, offsite/copies")]);
    expect((await place.run("delete", backup, "--yes", "--target", "offsite/copies")).status).toBe(0);
    const listed = JSON.parse((await place.run("list", "--json")).stdout) as readonly Record<string, unknown>[];
    expect(listed.map(({ target }) => target)).toEqual(["nas"]);
    expect((await place.run("delete", backup, "--yes")).status).toBe(0);
  });

  it("delete does nothing while a target cannot be looked at, unless it is told which one is meant", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await withoutNas(place);
    const { status, stderr } = await place.run("delete", backup, "--yes");
    expect([status > 0, stderr]).toEqual([
      true,
      expect.stringContaining(`Cannot tell whether ${backup} is in nas as well`),
    ]);
    expect((await place.run("delete", backup, "--yes", "--target", "offsite/copies")).status).toBe(0);
  });

  it("list shows what it can see, and fails for what it cannot", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await withoutNas(place);
    const { status, stdout, stderr } = await place.run("list", "--json");
    const listed = JSON.parse(stdout) as readonly Record<string, unknown>[];
    expect(listed.map(({ target, name }) => [target, name])).toEqual([["offsite/copies", backup]]);
    expect([status > 0, stderr]).toEqual([true, expect.stringMatching(/^error: nas: /)]);
  });
});

describe("what a target missed", () => {
  it("run copies it there with the next backup, and plan shows it", async () => {
    await using place = await openTwoTargets();
    const first = await takeNightly(place);
    await breakTarget(place, "offsite");
    const missed = await takeNightly(place);
    expect([missed.exitStatus, namesAndStates(missed).at(1)]).toEqual([3, ["offsite/copies", "failed"]]);
    await mendTarget(place, "offsite", first.backup);

    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    const catchUp = { kind: "catch-up", backup: missed.backup, from: "nas", target: "offsite/copies" };
    expect(plan.steps.filter(({ kind }) => kind === "catch-up")).toMatchObject([catchUp]);
    const report = await takeNightly(place);
    expect([report.state, report.exitStatus, report.errors]).toEqual(["complete", 0, []]);
    const listed = JSON.parse((await place.run("list", "--target", "offsite/copies", "--json")).stdout) as object[];
    expect(listed).toMatchObject(
      [report.backup, missed.backup, first.backup].map((name) => ({ name, state: "complete" })),
    );
  });

  it("run goes on when it cannot be copied, and is partial for it", async () => {
    await using place = await openTwoTargets();
    const first = await takeNightly(place);
    await breakTarget(place, "offsite");
    const missed = await takeNightly(place);
    await mendTarget(place, "offsite", first.backup);
    await rm(join(place.path, "nas", missed.backup, "binlogs"), { recursive: true });

    const report = await takeNightly(place);
    expect([report.state, report.exitStatus, namesAndStates(report)]).toEqual([
      "partial",
      4,
      [
        ["nas", "complete"],
        ["offsite/copies", "complete"],
      ],
    ]);
    expect(report.errors).toEqual([expect.objectContaining({ code: "damaged" })]);
  });
});
