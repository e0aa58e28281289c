/** Checks of a policy, inside run and by check --due, on the fake Milvus and directories. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/core/plan.ts";
import { openPolicyPlace } from "../support/policy-place.ts";
import type { PolicyPlace } from "../support/policy-place.ts";
import { reportOf } from "../support/workspace.ts";

const CHECKS = [
  { kind: "checksum", every: "1d", part: "1/2" },
  { kind: "objects", every: "7d" },
] as const;

/** Makes every check that is recorded older than it is. */
async function age(place: PolicyPlace, target: string): Promise<void> {
  await using storage = await place.storage(target);
  for await (const entry of storage.list(".milvus-backup/checks/")) {
    if (entry.kind !== "object") continue;
    const file = join(place.path, target, entry.key);
    await writeFile(file.replace(/\.20\d{6}T/, ".20200101T"), await readFile(file));
    await rm(file);
  }
}

describe("checks of a policy", () => {
  it("run does what is due behind the copies, in every target; the next run does not again", async () => {
    await using place = await openPolicyPlace({ checks: CHECKS });
    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect(
      plan.steps.flatMap((step) => (step.kind === "check" ? [[step.target, step.level, step.part?.number]] : [])),
    ).toEqual([
      ["nas", "checksum", 1],
      ["nas", "objects", undefined],
      ["offsite", "checksum", 1],
      ["offsite", "objects", undefined],
    ]);
    const first = reportOf(await place.run("run", "nightly", "--json"));
    expect([first.state, first.exitStatus]).toEqual(["complete", 0]);
    expect(first.checks?.map(({ backup, target, verdict }) => [backup, target, verdict])).toEqual(
      ["nas", "nas", "offsite", "offsite"].map((target) => [first.backup, target, "ok"]),
    );
    await age(place, "offsite");
    const { stdout } = await place.run("check", "--due");
    expect(stdout).toContain("offsite (checksum 2/2, objects)");
    expect((await place.run("check", "--due")).stdout).toBe("No check is due");
  });

  it("run is damaged, and its backup complete, when an earlier backup is found damaged", async () => {
    await using place = await openPolicyPlace({
      targets: [{ storage: "nas" }],
      checks: [{ kind: "objects", every: "7d", newest: 2 }],
    });
    const { backup } = reportOf(
      await place.run("create", "-n", "nightly_20200101_000000", "--target", "nas", "--json"),
    );
    const meta = join(place.path, "nas", backup, "meta/manifest.json");
    const manifest = JSON.parse(await readFile(meta, "utf8")) as object;
    await writeFile(meta, JSON.stringify({ ...manifest, policy: { name: "nightly", digest: "d" } }));
    await rm(join(place.path, "nas", backup, "binlogs/insert_log/200"), { recursive: true });
    const report = reportOf(await place.run("run", "nightly", "--json"));
    expect([report.state, report.exitStatus, report.errors]).toEqual(["complete", 4, []]);
    expect(report.checks?.map(({ verdict, damageFound }) => [verdict, damageFound])).toEqual([
      ["ok", 0],
      ["damaged", 8],
    ]);
    expect(report.summary).toContain(`, but ${backup} is damaged in nas: shop.a, segment `);
  });

  it("check --due tells damage by its exit status, and is due again as long as it stands", async () => {
    await using place = await openPolicyPlace({
      targets: [{ storage: "nas" }],
      checks: [{ kind: "objects", every: "7d" }],
    });
    const { backup } = reportOf(await place.run("run", "nightly", "--json"));
    await age(place, "nas");
    await rm(join(place.path, "nas", backup, "meta/segment_meta.json"));
    for (const _ of [1, 2]) expect((await place.run("check", "--due", "nightly")).status).toBe(4);
  });

  it.each([
    [{ kind: "objects", every: "1d", part: "1/3" }, "only a checksum check has parts"],
    [{ kind: "objects", every: "0s" }, "expected a duration"],
    [{ kind: "checksum", every: "1d", part: "2/3" }, "expected the first of so many parts"],
    [{ kind: "restore", every: "7d", into: { source: "lab" } }, 'there is no source "lab"'],
    [{ kind: "spot", every: "7d", into: { source: "prod" } }, "only a restore check goes into something"],
  ] as const)("validate refuses the check %o", async (check, message) => {
    await using place = await openPolicyPlace({ checks: [check] });
    const { status, stderr } = await place.run("validate");
    expect([status, stderr]).toEqual([13, expect.stringContaining(message)]);
  });

  it("config show gives checks as they are written, and durations in their largest unit", async () => {
    await using place = await openPolicyPlace({
      checks: [{ kind: "checksum", every: "24h", part: "1/30", newest: 2 }],
    });
    const { stdout } = await place.run("config show");
    expect(stdout).toMatch(/checks:\n +- kind: checksum\n +every: 1d\n +part: 1\/30\n +newest: 2\n/);
  });
});
