import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findCronProblem, scheduleTimes, shortestIntervalMs } from "../../src/config/cron.ts";
import type { Schedule } from "../../src/core/contracts/schedule.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";

const schedule = (cron: string, more: Partial<Schedule> = {}): Schedule => ({
  cron,
  timezone: "UTC",
  jitterMs: 0,
  overlap: "skip",
  graceMs: 0,
  ...more,
});
const timesAt = (now: string, one: Schedule) => scheduleTimes(one, new Date(now));

async function problemsOf(lines: string): Promise<string> {
  const policy = `source: prod\ntargets: [{ storage: nas }]\nschedule:\n${lines}`;
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": minimalConfig,
    "policies/nightly.yaml": policy,
  });
  return (await folder.loadError()).message.split("\n").slice(1).join("\n");
}

describe("scheduleTimes()", () => {
  it("scheduleTimes() tells when it is due next, and when it was due last", () => {
    expect(timesAt("2026-11-28T12:00:00Z", schedule("0 2 * * *"))).toEqual({
      next: "2026-11-29T02:00:00.000Z",
      due: "2026-11-28T02:00:00.000Z",
    });
  });

  it("scheduleTimes() calls due what is no longer in its jitter and grace", () => {
    const late = schedule("0 2 * * *", { jitterMs: 600_000, graceMs: 3_600_000 });
    expect(timesAt("2026-11-28T03:09:59Z", late).due).toBe("2026-11-27T02:00:00.000Z");
    expect(timesAt("2026-11-28T03:10:00Z", late).due).toBe("2026-11-28T02:00:00.000Z");
  });

  it.each([
    { what: "02:30 in spring, when there is none", now: "2026-03-28T12:00:00Z", next: "2026-03-29T01:00:00.000Z" },
    { what: "02:30 the day after", now: "2026-03-29T12:00:00Z", next: "2026-03-30T00:30:00.000Z" },
    { what: "02:30 in autumn, the first of two", now: "2026-10-24T12:00:00Z", next: "2026-10-25T00:30:00.000Z" },
    { what: "02:30 in autumn, not the second", now: "2026-10-25T00:30:00Z", next: "2026-10-26T01:30:00.000Z" },
  ])("scheduleTimes() fires once a day: $what", ({ now, next }) => {
    expect(timesAt(now, schedule("30 2 * * *", { timezone: "Europe/Berlin" })).next).toBe(next);
  });

  it("scheduleTimes() has an hour of autumn twice where every hour is meant, and none of spring is missing", () => {
    const hourly = schedule("0 * * * *", { timezone: "Europe/Berlin" });
    const hours = (from: string): readonly string[] => {
      const times = [from];
      for (let index = 0; index < 4; index++) times.push(timesAt(times.at(-1) ?? "", hourly).next);
      return times.map((time) => time.slice(11, 13));
    };
    expect(hours("2026-10-24T23:00:00.000Z")).toEqual(["23", "00", "01", "02", "03"]);
    expect(hours("2026-03-28T23:00:00.000Z")).toEqual(["23", "00", "01", "02", "03"]);
  });

  it("scheduleTimes() leaves out no time of a list that the clocks jump over", () => {
    const two = schedule("30 2,4 * * *", { timezone: "Europe/Berlin" });
    expect(timesAt("2026-03-28T23:00:00Z", two).next).toBe("2026-03-29T01:00:00.000Z");
  });
});

describe("findCronProblem()", () => {
  it.each(["0 2 * * *", "*/15 * * * *", "0 2 * * MON-FRI", "0 0 29 2 *", "@daily", "0 3 1,15 * *", "0 0 L * *"])(
    "findCronProblem() has nothing against %s",
    (cron) => {
      expect(findCronProblem(cron, "Europe/Berlin")).toBeUndefined();
    },
  );

  it.each([
    ["0 0 30 2 *", "it never fires"],
    ["0 0 31 4,6,9,11 *", "it never fires"],
    ["61 * * * *", "invalid value for minute: 61"],
    ["0 2 * * * *", "expected five fields"],
    ["0 2 * *", "expected five fields"],
    ["2026-12-01T00:00:00Z", "expected five fields"],
    ["soon", "expected five fields"],
    ["@reboot", "@reboot is not supported"],
    ["0 22-2 * * *", "from value is larger than to value"],
    ["0 2 * * FUNDAY", "illegal characters"],
  ])("findCronProblem() refuses %s: %s", (cron, problem) => {
    expect(findCronProblem(cron, "UTC")).toContain(problem);
  });
});

it.each([
  { cron: "0 2 * * *", hours: 24 },
  { cron: "0 2,3 * * *", hours: 1 },
  { cron: "0 2 * * 1", hours: 168 },
])("shortestIntervalMs() of $cron is $hours hours", ({ hours, cron }) => {
  expect(shortestIntervalMs(cron)).toBe(hours * 3_600_000);
});

describe("the schedule of a policy", () => {
  it.each([
    [
      "  cron: 0 0 30 2 *\n",
      '4:9: cannot use the schedule "0 0 30 2 *": it never fires\n      cron: 0 0 30 2 *\n            ^',
    ],
    ["  cron: soon\n", '4:9: cannot use the schedule "soon": expected five fields'],
    ["  cron: 0 2 * * *\n  timezone: Mars/Base\n", "5:13: expected a time zone of the IANA list, such as"],
    [
      "  cron: 0 2 * * *\n  timezone: Europe/Berln\n",
      '5:13: expected a time zone of the IANA list, did you mean "Europe/Berlin"?',
    ],
    ["  cron: 0 0 30 2 *\n  timezone: Mars/Base\n", '4:9: cannot use the schedule "0 0 30 2 *": it never fires'],
    [
      "  cron: 0 * * * *\n  jitter: 1h\n",
      "5:11: the jitter must be shorter than the time between two runs, which can be 1h",
    ],
    ["  cron: 0 2 * * *\n  overlap: wait\n", '5:12: expected "skip", "queue" or "fail"'],
    ["  cron: 0 2 * * *\n  grace: soon\n", "5:10: expected a duration such as"],
    ["  timezone: UTC\n", '4:3: missing key "cron"'],
  ])("validate tells what is wrong with %j, where it is", async (lines, expected) => {
    expect(await problemsOf(lines)).toContain(`policies/nightly.yaml:${expected}`);
  });

  it("loadConfig() gives a schedule its defaults, and leaves the digest of the policy as it is", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": minimalConfig,
      "policies/nightly.json": { ...minimalPolicy, schedule: { cron: "0 2 * * *", grace: "2h", jitter: "10m" } },
    });
    const timed = (await folder.load()).policies.get("nightly");
    expect(timed?.schedule).toEqual({
      cron: "0 2 * * *",
      timezone: "UTC",
      jitterMs: 600_000,
      overlap: "skip",
      graceMs: 7_200_000,
    });
    await writeFile(join(folder.path, "policies/nightly.json"), JSON.stringify(minimalPolicy));
    const plain = (await folder.load()).policies.get("nightly");
    expect([plain?.schedule, plain?.digest]).toEqual([undefined, timed?.digest]);
  });
});
