/** Runs of one policy that meet, on the fake Milvus and directories. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { holdPolicyLock } from "../../src/catalog/policy-lock.ts";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { Plan } from "../../src/core/plan.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { openPolicyPlace } from "../support/policy-place.ts";
import { keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";
import { eventsOf, reportOf } from "../support/workspace.ts";

const HOOKS: PolicyConfig["hooks"] = [
  {
    name: "writer",
    around: "run",
    before: { shell: "echo begun >> hooks.log" },
    after: { shell: 'echo "$MILVUS_BACKUP_STATE" >> hooks.log' },
  },
];

/** A place whose policy is run by somebody else, elsewhere. */
async function openBusyPlace(policy: Partial<PolicyConfig> = {}) {
  const place = await openPolicyPlace({ targets: [{ storage: "nas" }], ...policy });
  const storage = await place.storage("nas");
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const group = { policy: "nightly", source: "prod" };
  const other = await holdPolicyLock(storage, { group, owner: lockOwner("r1"), onFailure });
  return { ...place, nas: storage, other };
}

it.each([
  ["with one target", [{ storage: "nas" }]],
  ["with two", [{ storage: "nas" }, { storage: "offsite" }]],
])("two runs of a policy %s within one second make two backups", async (_, targets) => {
  const at = new Date();
  await using place = await openPolicyPlace({ targets }, { now: () => at });
  for (const times of [1, 2]) {
    expect([times, (await place.run("run", "nightly")).status]).toEqual([times, 0]);
  }
  const { stdout } = await place.run("list", "--target", "nas", "--json");
  const listed = JSON.parse(stdout) as readonly { readonly state: string }[];
  expect(listed.map(({ state }) => state)).toEqual(["complete", "complete"]);
});

describe("run while another run of the policy is under way", () => {
  it("run is left out, says why, and ends with 75: nothing is written, its after hooks are told, the next one goes on", async () => {
    await using place = await openBusyPlace({ hooks: HOOKS });
    const result = await place.run("run", "nightly", "--json");
    const report = reportOf(result);
    expect([result.status, report.state]).toEqual([75, "skipped"]);
    expect(report.summary).toMatch(/is skipped: Left out: another run of nightly is under way: \(run r1\) on h1/);
    expect(withoutRecords(await keysOf(place.nas))).toEqual([]);
    expect(await readFile(join(place.path, "hooks.log"), "utf8")).toBe("begun\nskipped\n");
    await place.other[Symbol.asyncDispose]();
    expect(await place.run("run", "nightly")).toMatchObject({ status: 0 });
    expect(await readFile(join(place.path, "hooks.log"), "utf8")).toBe("begun\nskipped\nbegun\ncomplete\n");
  });

  it("run with overlap fail ends with 11; its after hooks are told that it failed", async () => {
    await using place = await openBusyPlace({ hooks: HOOKS, schedule: { cron: "@daily", overlap: "fail" } });
    const { status, stderr } = await place.run("run", "nightly");
    expect([status, stderr]).toEqual([11, expect.stringContaining("Another run of nightly is under way")]);
    expect(await readFile(join(place.path, "hooks.log"), "utf8")).toBe("begun\nfailed\n");
    expect(withoutRecords(await keysOf(place.nas))).toEqual([]);
  });

  it("run with overlap queue says that it waits, and goes on when the other one has ended", async () => {
    await using place = await openBusyPlace({ schedule: { cron: "@daily", overlap: "queue" } });
    const running = place.run("run", "nightly", "--json");
    await place.other[Symbol.asyncDispose](); // before its look, or behind it: it waits for one more of them at most
    const result = await running;
    expect([result.status, reportOf(result).state]).toEqual([0, "complete"]);
  });

  it("create, and a run of another policy, go on", async () => {
    await using place = await openBusyPlace();
    expect(await place.run("create", "-n", "b1", "--target", "nas")).toMatchObject({ status: 0 });
  });

  it("plan and run --dry-run show it, with the schedule, and write nothing", async () => {
    await using place = await openBusyPlace({ schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" } });
    const before = await keysOf(place.nas);
    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect(plan.warnings).toEqual([expect.stringMatching(/under way: \(run r1\) .*; this one would be left out$/)]);
    expect(plan.schedule).toMatchObject({ cron: "0 2 * * *", timezone: "Europe/Berlin", overlap: "skip" });
    const { status, stdout } = await place.run("run", "nightly", "--dry-run");
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^schedule: 0 2 \* \* \*, due next [-\d]+ 02:00 Europe\/Berlin \(0[01]:00 UTC\); overlap: skip$/m,
      ),
    ]);
    expect(await keysOf(place.nas)).toEqual(before);
  });

  it("run of a policy twice at the same moment takes one backup, and leaves the other run out", async () => {
    const hold = { on: "before", scope: "action", shell: "until test -e go; do sleep 0.02; done" } as const;
    await using place = await openPolicyPlace({ targets: [{ storage: "nas" }], hooks: [hold] });
    const runs = [1, 2].map(() => place.run("run", "nightly", "--json"));
    const first = await Promise.race(runs); // the other one is held, for as long as it is the one that goes on
    await writeFile(join(place.path, "go"), "");
    const results = await Promise.all(runs);
    expect([first.status, ...results.map(({ status }) => status).toSorted((a, b) => a - b)]).toEqual([75, 0, 75]);
    const committed = results.flatMap((result) => eventsOf(result).filter(({ type }) => type === "backup.committed"));
    expect(committed).toHaveLength(1);
  });
});
