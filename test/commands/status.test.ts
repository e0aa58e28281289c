/** What a monitor asks, on the fake Milvus and directories. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeLock } from "../../src/format/lock.ts";
import { bytesBody } from "../../src/io/body.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { runCommand } from "../support/run-command.ts";
import { openTwoTargets, takeNightly, withoutNas } from "../support/two-targets.ts";

describe("status", () => {
  it("status has a line for each target of every policy, and ends with 0 when all have a backup", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const { status, stdout } = await place.run("status");
    expect([status, stdout.split("\n").map((line) => line.trimEnd().split(/ {2,}/).slice(0, 4))]).toEqual([
      0,
      [
        ["POLICY", "TARGET", "STATE", "LAST COMPLETE"],
        ["nightly", "nas", "ok", backup],
        ["nightly", "offsite/copies", "ok", backup],
      ],
    ]);
  });

  it("status ends with 5 when a target has none, or none that is young enough", async () => {
    await using place = await openTwoTargets();
    expect((await place.run("status", "nightly")).status).toBe(5);
    await takeNightly(place);
    expect((await place.run("status", "--max-age", "1h")).status).toBe(0);
    const { status, stdout } = await place.run("status", "--max-age", "1s", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([5, [{ state: "overdue" }, { state: "overdue" }]]);
    await rm(join(place.path, "offsite/copies"), { recursive: true });
    const again = await place.run("status", "--json");
    expect([again.status, JSON.parse(again.stdout)]).toMatchObject([5, [{ state: "ok" }, { state: "never" }]]);
  });

  it("status says what it could not look at, with its exit status, and looks at the others", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    await withoutNas(place);
    const { status, stdout } = await place.run("status", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([
      14,
      [{ target: "nas", state: "unknown", error: { code: "unreachable" } }, { state: "ok" }],
    ]);
  });

  it("status goes by the schedule: ends with 5 when none began since it was due, and tells when it is due next", async () => {
    await using place = await openTwoTargets({ schedule: { cron: "@yearly", timezone: "Europe/Berlin", grace: "0s" } });
    await takeNightly(place);
    const { status, stdout } = await place.run("status");
    expect([status, stdout.split("\n")[1]]).toEqual([
      0,
      expect.stringMatching(/^nightly +nas +ok .* \d{4}-01-01 00:00 Europe\/Berlin \(\d{4}-12-31 23:00 UTC\)$/),
    ]);
    await using often = await openTwoTargets({ schedule: { cron: "* * * * *", grace: "0s" } });
    await takeNightly(often);
    const later = (): Date => new Date(Date.now() + 5 * 60_000);
    const missed = await runCommand({ cwd: often.path, env: { SECRET: "s" }, now: later }, "status", "--json");
    expect([missed.status, JSON.parse(missed.stdout)]).toMatchObject([5, [{ state: "overdue" }, { state: "overdue" }]]);
  });

  it("status tells how the last run ended, and --locks who is in the targets now", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    await place.fake[Symbol.asyncDispose]();
    expect((await place.run("run", "nightly")).status).toBe(14);
    const { stdout } = await place.run("status");
    expect(stdout).toMatch(/the last run, [-\d]+ [\d:]+ UTC, was failed \(exit 14\)/);
    await using nas = await place.storage("nas");
    await nas.write(".milvus-backup/locks/s/r1", bytesBody(encodeLock(lockOwner("r1"))));
    const locks = await place.run("status", "--locks", "--json");
    expect([locks.status, JSON.parse(locks.stdout)]).toEqual([
      0,
      [expect.objectContaining({ target: "nas", lock: "shared", run: "r1", host: "h1", pid: 7, state: "live" })],
    ]);
    expect((await place.run("status", "--locks")).stdout).toMatch(/^nas +shared +r1 +backup +h1 +7 .* live$/m);
  });

  it.each([
    { args: ["--max-age", "soon"], refused: 2 },
    { args: ["gone"], refused: 10 },
    { args: ["nightly", "--all"], refused: 2 },
  ])("status $args is refused with $refused", async ({ args, refused }) => {
    await using place = await openTwoTargets();
    expect((await place.run("status", ...args)).status).toBe(refused);
  });
});
