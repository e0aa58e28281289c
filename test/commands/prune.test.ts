/** What retention deletes, by hand and behind a backup, on the fake Milvus and directories. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backupsIn, deletionsIn, setPolicy } from "../support/retained-place.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";
import { reportOf } from "../support/workspace.ts";

describe("prune", () => {
  it("prune shows what retention would delete and why, and deletes it with --yes and on record, but for what is pinned", async () => {
    await using place = await openTwoTargets();
    const taken = [await takeNightly(place), await takeNightly(place), await takeNightly(place)];
    const [first = "", second = "", third = ""] = taken.map(({ backup }) => backup);
    await setPolicy(place, { retention: { keep: { last: 1 } } });
    expect((await place.run("pin", first, "--target", "nas", "--reason", "audit")).status).toBe(0);
    const shown = await place.run("prune", "nightly", "--json");
    expect([shown.status, JSON.parse(shown.stdout)]).toMatchObject([
      0,
      [
        {
          policy: "nightly",
          target: "nas",
          allowed: 3,
          verdicts: [
            { name: third, verdict: "keep" },
            { name: second, verdict: "prune", reasons: ["no rule keeps it"] },
            { name: first, verdict: "keep", reasons: [expect.stringMatching(/^pinned: audit/)] },
          ],
        },
        { target: "offsite/copies", verdicts: [{}, { verdict: "prune" }, { name: first, verdict: "prune" }] },
      ],
    ]);
    expect(await backupsIn(place, "nas")).toEqual([first, second, third]);
    const { status, stdout } = await place.run("prune", "nightly", "--yes");
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /nightly in nas: 1 of 1 backup that no rule keeps deleted[^]*offsite\/copies: 2 of 2 backups that no rule keeps/,
      ),
    ]);
    expect(await backupsIn(place, "nas")).toEqual([first, third]);
    expect(await backupsIn(place, "offsite/copies")).toEqual([third]);
    expect(await deletionsIn(place, "nas")).toEqual([
      {
        formatVersion: 1,
        backup: second,
        policy: "nightly",
        why: "no rule keeps it",
        at: expect.stringMatching(/Z$/) as string,
        by: expect.stringContaining("@") as string,
        runId: expect.any(String) as string,
        planDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    ]);
    expect((await place.run("prune", "nightly", "--yes")).stdout).toBe(
      "Nothing is deleted: retention keeps every backup",
    );
  });

  it("prune deletes nothing anywhere when more would go than may, until the number is confirmed", async () => {
    await using place = await openTwoTargets();
    for (let count = 0; count < 3; count += 1) await takeNightly(place);
    await setPolicy(place, { retention: { keep: { last: 1 }, maxDelete: 1 } });
    const { status, stderr } = await place.run("prune", "nightly", "--yes");
    expect([status, stderr]).toEqual([15, expect.stringContaining("--max-delete 2")]);
    expect((await place.run("prune", "nightly", "--yes", "--max-delete", "1")).status).toBe(15);
    expect((await place.run("prune", "nightly", "--yes", "--max-delete", "all")).status).toBe(2);
    expect(await backupsIn(place, "nas")).toHaveLength(3);
    expect((await place.run("prune", "nightly", "--yes", "--max-delete", "2", "--json")).status).toBe(0);
    expect(await backupsIn(place, "nas")).toHaveLength(1);
  });

  it("prune keeps what a required target does not have, or cannot be asked for", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await takeNightly(place);
    const targets = [
      { storage: "nas", retention: { keep: { last: 1 }, keepUntilCopied: ["offsite"] } },
      { storage: "offsite", prefix: "copies" },
    ];
    await setPolicy(place, { targets });
    await rm(join(place.path, "offsite/copies", backup), { recursive: true });
    expect((await place.run("prune", "nightly")).stdout).toMatch(
      new RegExp(`${backup} +keep +not yet copied to offsite/copies`),
    );
    await rm(join(place.path, "offsite"), { recursive: true });
    await writeFile(join(place.path, "offsite"), "");
    expect((await place.run("prune", "nightly", "--yes")).status).toBe(0);
    expect(await backupsIn(place, "nas")).toHaveLength(2);
  });
});

describe("run with retention", () => {
  it("run prunes every target that has retention behind a whole backup, plan says it before, and others' backups stay", async () => {
    await using place = await openTwoTargets();
    const first = await takeNightly(place);
    await place.run("create", "-n", "by_hand", "--target", "nas");
    await setPolicy(place, { retention: { keep: { last: 1 } } });
    const { stdout } = await place.run("plan", "nightly");
    expect(stdout).toMatch(
      new RegExp(`prune nas +retention deletes ${first.backup} \\(no rule keeps it\\), and keeps 1`),
    );
    const report = await takeNightly(place);
    expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
    expect(report.prunes).toMatchObject([
      { policy: "nightly", target: "nas", deleted: [first.backup] },
      { target: "offsite/copies", deleted: [first.backup] },
    ]);
    expect(await backupsIn(place, "nas")).toEqual(["by_hand", report.backup]);
    expect(await backupsIn(place, "offsite/copies")).toEqual([report.backup]);
  });

  it("run is complete and ends with 15 when more would go than may: nothing is deleted", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    await takeNightly(place);
    await setPolicy(place, { targets: [{ storage: "nas", retention: { keep: { last: 1 }, maxDelete: 1 } }] });
    const report = await takeNightly(place);
    expect(report).toMatchObject({
      state: "complete",
      exitStatus: 15,
      summary: expect.stringMatching(/is complete/) as string,
      errors: [
        { code: "refused", message: expect.stringMatching(/^Nothing is pruned of nightly in nas: 2 of 3/) as string },
      ],
    });
    expect(await backupsIn(place, "nas")).toHaveLength(3);
  });

  it("run prunes no whole backup when a check of it failed, and nothing while somebody works in the target", async () => {
    await using place = await openTwoTargets();
    const first = await takeNightly(place);
    await rm(join(place.path, "nas", first.backup, "meta/objects"), { recursive: true });
    const targets = [{ storage: "nas", retention: { keep: { last: 1 } } }];
    await setPolicy(place, { targets, checks: [{ kind: "metadata", every: "1m", newest: 5 }] });
    const failed = await takeNightly(place);
    expect([failed.exitStatus, failed.prunes]).toMatchObject([4, [{ target: "nas", deleted: [] }]]);
    await setPolicy(place, { targets, checks: [] });
    await mkdir(join(place.path, "nas/.milvus-backup/locks/s"), { recursive: true });
    await writeFile(join(place.path, "nas/.milvus-backup/locks/s/other"), "other");
    const result = await place.run("run", "nightly", "--json");
    expect([result.status, result.stdout]).toEqual([4, expect.stringContaining("Nothing is pruned in nas")]); // it is damaged still
    expect(reportOf(result)).toMatchObject({ state: "complete" });
    expect(await backupsIn(place, "nas")).toHaveLength(3);
  });
});
