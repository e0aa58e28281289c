/** What runs leave of themselves in their targets, and what history makes of it; on the fake Milvus and directories. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listRunEntries } from "../../src/catalog/run-history.ts";
import type { History } from "../../src/commands/show-history.ts";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import { openPolicyPlace } from "../support/policy-place.ts";
import type { PolicyPlace } from "../support/policy-place.ts";
import { setPolicy } from "../support/retained-place.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";
import { keysOf } from "../support/storage-content.ts";
import { reportOf } from "../support/workspace.ts";

const onNas = (more: Partial<PolicyConfig> = {}): Partial<PolicyConfig> => ({ targets: [{ storage: "nas" }], ...more });

async function recordsIn(place: PolicyPlace, storage = "nas") {
  const runs = await listRunEntries(await place.storage(storage), { policy: "nightly" });
  return runs.map(({ state, exitStatus, errors }) => ({ state, exitStatus, errors }));
}

async function historyOf(place: PolicyPlace, ...args: readonly string[]): Promise<History> {
  return JSON.parse((await place.run("history", ...args, "--json")).stdout) as History;
}

describe("the record of a run", () => {
  it("run leaves its record in each target that has the backup", async () => {
    await using place = await openPolicyPlace();
    const report = reportOf(await place.run("run", "nightly", "--json"));
    for (const storage of ["nas", "offsite"]) {
      const [entry] = await listRunEntries(await place.storage(storage), { policy: "nightly" });
      expect(entry).toMatchObject({
        runId: report.runId,
        backup: report.backup,
        state: "complete",
        collections: { all: 2, complete: 2 },
        rows: 24,
        targets: [
          { name: "nas", state: "complete" },
          { name: "offsite", state: "complete" },
        ],
      });
    }
  });

  it("run leaves a record of its failure also when Milvus is away, where a run of ours has been", async () => {
    await using place = await openPolicyPlace(onNas());
    await place.run("run", "nightly");
    await place.fake[Symbol.asyncDispose]();
    const { status } = await place.run("run", "nightly");
    expect(status).toBe(14);
    expect(await recordsIn(place)).toEqual([
      { state: "failed", exitStatus: 14, errors: ["unreachable"] },
      { state: "complete", exitStatus: 0, errors: [] },
    ]);
  });

  it("run has the last word in its record when an after hook fails, if the target is still there", async () => {
    const hooks: PolicyConfig["hooks"] = [{ on: "after", scope: "run", shell: "exit 1" }];
    await using place = await openPolicyPlace(onNas({ hooks }));
    expect((await place.run("run", "nightly")).status).toBe(1);
    expect(await recordsIn(place)).toMatchObject([{ state: "failed", exitStatus: 1 }]);
  });

  it("run keeps its record before a hook closes the way to the target, and makes nothing where that was", async () => {
    const hooks: PolicyConfig["hooks"] = [
      {
        around: "target",
        before: { shell: "mv away/* nas/ 2>/dev/null; true" },
        after: { shell: "mv nas away && mkdir nas && exit 1" },
      },
    ];
    await using place = await openPolicyPlace(onNas({ hooks }));
    expect((await place.run("run", "nightly")).status).toBe(1);
    expect(await keysOf(await place.storage("nas"))).toEqual([]);
    await rm(join(place.path, "nas"), { recursive: true });
    await rename(join(place.path, "away"), join(place.path, "nas"));
    expect(await recordsIn(place)).toMatchObject([{ state: "complete" }]);
  });

  it("run is complete all the same when it cannot be recorded: that is a warning", async () => {
    await using place = await openPolicyPlace(onNas());
    await mkdir(join(place.path, "nas", ".milvus-backup"));
    await writeFile(join(place.path, "nas", ".milvus-backup", "history"), "in the way");
    const { status, stdout } = await place.run("run", "nightly", "--json");
    const report = reportOf({ status, stdout, stderr: "" });
    expect([status, report.state, report.warnings]).toEqual([
      0,
      "complete",
      [expect.stringMatching(/^The run could not be recorded in nas: /)],
    ]);
  });
});

describe("history", () => {
  it("history shows the runs of a policy once, and what they come to in each target", async () => {
    await using place = await openPolicyPlace();
    await place.run("run", "nightly");
    const { runs, targets } = await historyOf(place);
    expect(runs).toMatchObject([{ policy: "nightly", state: "complete", exitStatus: 0, rows: 24 }]);
    expect(targets).toMatchObject([
      { policy: "nightly", target: "nas", runs: 1, complete: 1, successRate: 1 },
      { policy: "nightly", target: "offsite", runs: 1, complete: 1, successRate: 1 },
    ]);
    const backup = runs[0]?.backup ?? "";
    expect((await place.run("verify", backup, "--level", "objects", "--target", "nas")).status).toBe(0);
    const [check] = await listRunEntries(await place.storage("nas"), { policy: "nightly" });
    expect([check?.action, check?.checks]).toEqual([
      "verify",
      [{ backup, target: "nas", level: "objects", verdict: "ok", seconds: expect.any(Number) as number }],
    ]);
    const { status, stdout } = await place.run("history", "nightly");
    expect([status, stdout.split("\n").map((line) => line.split(/ {2,}/).length > 1)]).toEqual([
      0,
      [true, true, true, false, true, true, true],
    ]);
    expect(stdout).toMatch(/Z +verify +nightly +complete/);
    expect(stdout).toMatch(/^nightly +offsite +1 of 1 +100\.0% /m);
  });

  it("history shows a run without a record by the backup that it left, and takes --limit and --since", async () => {
    await using place = await openPolicyPlace(onNas());
    await place.run("run", "nightly");
    await rm(join(place.path, "nas", ".milvus-backup"), { recursive: true });
    const { runs } = await historyOf(place, "nightly");
    expect(runs).toEqual([expect.objectContaining({ state: "complete", policy: "nightly" })]);
    expect(runs[0]).not.toHaveProperty("runId");
    expect((await historyOf(place, "--since", "0s")).runs).toEqual([]);
    expect((await place.run("history", "--since", "0s")).stdout).toMatch(/^There is no run$/m);
  });

  it("history shows what copied, deleted, pruned and collected garbage, by kind, and counts backups only", async () => {
    await using place = await openTwoTargets();
    const [first, second] = [await takeNightly(place), await takeNightly(place)];
    await takeNightly(place);
    await rm(join(place.path, "offsite/copies"), { recursive: true });
    await setPolicy(place, { retention: { keep: { last: 1 } } });
    expect((await place.run("copy", second.backup, "--to", "offsite/copies")).status).toBe(0);
    expect((await place.run("delete", first.backup, "--target", "nas")).status).toBe(15);
    expect((await place.run("delete", first.backup, "--target", "nas", "--yes")).status).toBe(0);
    expect((await place.run("prune", "nightly")).status).toBe(0);
    expect((await place.run("prune", "nightly", "--yes")).status).toBe(0);
    expect((await place.run("gc", "nas")).status).toBe(0);
    expect((await place.run("gc", "nas", "--yes")).status).toBe(0);
    const { runs, targets } = await historyOf(place);
    expect(runs.map(({ kind, policy, backup }) => [kind, policy, backup])).toEqual([
      ["gc", undefined, ""],
      ["prune", "nightly", ""],
      ["delete", "nightly", first.backup],
      ["copy", "nightly", second.backup],
      ...[0, 0, 0].map(() => ["backup", "nightly", expect.any(String) as string]),
    ]);
    expect(targets).toMatchObject([{ target: "nas", runs: 3, complete: 3, successRate: 1 }, {}]);
    const some = await historyOf(place, "--kind", "gc", "--kind", "delete");
    expect(some.runs.map(({ kind }) => kind)).toEqual(["gc", "delete"]);
    expect((await historyOf(place, "nightly", "--kind", "gc")).runs).toEqual([]);
    const copies = await listRunEntries(await place.storage("offsite/copies"), { policy: "nightly" });
    expect(copies.map(({ action, targets: reached }) => [action, reached])).toEqual([
      ["copy", [{ name: "offsite/copies", state: "complete" }]],
    ]);
  });

  it("history tells why a run that deletes came to nothing", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    await mkdir(join(place.path, "nas/.milvus-backup/locks/s"), { recursive: true });
    await writeFile(join(place.path, "nas/.milvus-backup/locks/s/other"), "other");
    expect((await place.run("gc", "nas", "--yes")).status).toBe(11);
    const { stdout } = await place.run("history", "--kind", "gc");
    expect(stdout).toMatch(/Z +gc +failed +11 [^]*\n {2}gc of \S+Z: .*locked/);
  });

  it.each([
    { args: ["--since", "soon"], refused: 2 },
    { args: ["--kind", "drill"], refused: 2 },
    { args: ["--limit", "0"], refused: 2 },
    { args: ["gone"], refused: 10 },
  ])("history $args is refused with $refused", async ({ args, refused }) => {
    await using place = await openPolicyPlace(onNas());
    expect((await place.run("history", ...args)).status).toBe(refused);
  });
});
