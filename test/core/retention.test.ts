import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeepConfig, RetentionConfig } from "../../src/core/contracts/retention.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { decideRetention } from "../../src/core/retention.ts";
import type { KeptBackup } from "../../src/core/retention.ts";

const NOW = Date.parse("2026-03-14T12:00:00Z");
const HOUR = 3_600_000;
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

function backup(startedAt: string, more: Partial<KeptBackup> = {}): KeptBackup {
  return { name: startedAt, state: "complete", startedAt: `${startedAt}:00Z`, ...more };
}

function kept(
  backups: readonly KeptBackup[],
  config: Omit<RetentionConfig, "keep"> & { readonly keep?: KeepConfig },
  nowMs = NOW,
): readonly string[] {
  const verdicts = decideRetention(backups, toRetention({ keep: { last: 1 }, ...config }), nowMs);
  return verdicts.filter(({ verdict }) => verdict === "keep").map(({ name }) => name);
}

function reasonsOf(backups: readonly KeptBackup[], keep: KeepConfig): Readonly<Record<string, readonly string[]>> {
  const verdicts = decideRetention(backups, toRetention({ keep }), NOW);
  return Object.fromEntries(verdicts.map(({ name, reasons }) => [name, reasons]));
}

describe("decideRetention() as restic decides", () => {
  it.each<readonly [string, KeepConfig, { readonly started: readonly string[]; readonly wanted: readonly string[] }]>([
    [
      "gaps are free",
      { daily: 2 },
      {
        started: ["2026-03-09T01:00", "2026-03-09T13:00", "2026-03-10T01:00", "2026-03-12T01:00", "2026-03-12T13:00"],
        wanted: ["2026-03-12T13:00", "2026-03-10T01:00"],
      },
    ],
    [
      "rules are OR-ed",
      { daily: 2, weekly: 2 },
      {
        started: ["01", "02", "03", "08", "09", "10"].map((day) => `2026-03-${day}T01:00`),
        wanted: ["2026-03-10T01:00", "2026-03-09T01:00", "2026-03-08T01:00"],
      },
    ],
    [
      "a spare count keeps the oldest",
      { daily: 7 },
      {
        started: ["2026-03-09T08:00", "2026-03-09T12:00", "2026-03-10T08:00"],
        wanted: ["2026-03-10T08:00", "2026-03-09T12:00", "2026-03-09T08:00"],
      },
    ],
    [
      "within counts from the newest",
      { within: "7d" },
      {
        started: ["2025-01-02T00:00", "2025-01-09T00:00", "2025-01-10T00:00"],
        wanted: ["2025-01-10T00:00", "2025-01-09T00:00"],
      },
    ],
    [
      "weeks are ISO's",
      { weekly: 3 },
      {
        started: ["2025-12-28", "2025-12-29", "2025-12-31", "2026-01-01", "2026-01-04", "2026-01-05"].map(
          (day) => `${day}T00:00`,
        ),
        wanted: ["2026-01-05T00:00", "2026-01-04T00:00", "2025-12-28T00:00"],
      },
    ],
    [
      "weeks and months do not share keys",
      { weekly: 4, monthly: 1 },
      {
        started: ["2025-12-28", "2026-01-04", "2026-01-11", "2026-01-18", "2026-01-20"].map((day) => `${day}T00:00`),
        wanted: ["2026-01-20T00:00", "2026-01-18T00:00", "2026-01-11T00:00", "2026-01-04T00:00"],
      },
    ],
  ])("decideRetention() keeps what restic keeps: %s", (_, keep, { started, wanted }) => {
    const all = started.map((time) => backup(time));
    expect(kept(all, { keep })).toEqual(wanted);
  });

  it("decideRetention() says which rule keeps a backup, and that the oldest is spare", () => {
    const all = ["2026-03-09T08:00", "2026-03-09T12:00", "2026-03-10T08:00"].map((time) => backup(time));
    expect(reasonsOf(all, { daily: 7, last: 1 })).toEqual({
      "2026-03-10T08:00": ["last", "daily", "minKeep"],
      "2026-03-09T12:00": ["daily"],
      "2026-03-09T08:00": ["oldest daily"],
    });
  });
});

describe("decideRetention() and what is no good backup", () => {
  it("decideRetention() never lets failed runs eat good backups: two good, two failed, last 2", () => {
    const all = [
      backup("2026-03-01T00:00"),
      backup("2026-03-02T00:00"),
      backup("2026-03-03T00:00", { state: "interrupted" }),
      backup("2026-03-04T00:00", { state: "failed" }),
    ];
    expect(kept(all, { keep: { last: 2 } })).toHaveLength(4);
    const after = [...all, backup("2026-03-05T00:00")];
    expect(kept(after, { keep: { last: 2 } })).toEqual(["2026-03-05T00:00", "2026-03-02T00:00"]);
  });

  it("decideRetention() keeps everything good when fifteen nights failed", () => {
    const good = backup("2026-02-01T00:00");
    const failed = Array.from({ length: 15 }, (_, day) =>
      backup(`2026-02-${String(day + 2).padStart(2, "0")}T00:00`, { state: "failed" }),
    );
    expect(kept([good, ...failed], { keep: { within: "1d" } })).toContain(good.name);
  });

  it.each<readonly [string, Partial<KeptBackup>]>([
    ["running", { state: "running" }],
    ["pinned", { pinned: "audit" }],
    ["in use", { locked: "restore r1" }],
    ["not yet copied", { missingIn: ["offsite"] }],
    ["the only holder of a collection", { holds: ["shop.old"] }],
    ["the newest verified", { verified: { level: "checksum", at: "2026-03-02T00:00:00Z" } }],
    ["of somebody else", { isForeign: true }],
    ["without a time", { startedAt: null }],
    ["without rows", { isMetaOnly: true }],
  ])("decideRetention() keeps an old one that is %s, and says so", (_, more) => {
    const all = [backup("2026-03-01T00:00", more), backup("2026-03-05T00:00"), backup("2026-03-06T00:00")];
    expect(kept(all, {})).toEqual(expect.arrayContaining(["2026-03-06T00:00", "2026-03-01T00:00"]));
    expect(kept(all, {})).toHaveLength(2);
  });

  it("decideRetention() sets aside what is dated in the future: the real newest stays", () => {
    const all = [backup("2099-01-01T00:00"), backup("2026-03-10T00:00"), backup("2026-03-09T00:00")];
    expect(kept(all, {})).toEqual(["2099-01-01T00:00", "2026-03-10T00:00"]);
  });

  it("decideRetention() keeps parents of what is kept, through several steps", () => {
    const all = [
      backup("2026-03-01T00:00"),
      backup("2026-03-02T00:00", { parent: "2026-03-01T00:00" }),
      backup("2026-03-03T00:00", { parent: "2026-03-02T00:00" }),
    ];
    expect(kept(all, {})).toHaveLength(3);
  });

  it("decideRetention() counts no damaged one, and lets it go when a good one is newer and the grace is over", () => {
    const all = [backup("2026-03-14T10:00", { damaged: "an object is gone" }), backup("2026-03-10T00:00")];
    expect(kept(all, {})).toHaveLength(2);
    expect(kept([...all, backup("2026-03-14T11:00")], {})).toEqual(["2026-03-14T11:00", "2026-03-14T10:00"]);
    expect(kept([...all, backup("2026-03-14T11:00")], { failedGrace: "1h" })).toEqual(["2026-03-14T11:00"]);
  });

  it("decideRetention() decides equal times alike, whatever their order", () => {
    const all = ["b", "a", "c"].map((name) => backup("2026-03-01T00:00", { name }));
    expect(kept(all, {})).toEqual(["c"]);
    expect(kept(all.toReversed(), {})).toEqual(["c"]);
  });
});

const STATES = ["running", "complete", "complete", "complete", "complete", "partial", "failed", "interrupted"] as const;

const catalogs = fc
  .array(
    fc.record({
      hoursAgo: fc.integer({ min: -30, max: 24 * 400 }),
      state: fc.constantFrom(...STATES),
      isPinned: fc.boolean(),
      isLocked: fc.integer({ min: 0, max: 9 }),
      parentOf: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 30 },
  )
  .map((rows) =>
    rows.map(({ hoursAgo, state, isPinned, isLocked, parentOf }, index): KeptBackup => {
      const time = new Date(NOW - hoursAgo * HOUR).toISOString();
      return {
        name: `b${index}`,
        state,
        startedAt: time,
        pinned: isPinned && isLocked > 5 ? "wanted" : undefined,
        locked: isLocked === 0 ? "restore" : undefined,
        parent: parentOf < index ? `b${parentOf}` : undefined,
      };
    }),
  );
const amount = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
const policies = fc.record({
  keep: fc.record({ last: amount, hourly: amount, daily: amount, weekly: amount, monthly: amount, yearly: amount }),
  timezone: fc.constantFrom(...ZONES),
  minKeep: fc.integer({ min: 1, max: 3 }),
});
const RUNS = { numRuns: 150 };

describe("decideRetention() on random catalogs in five zones", () => {
  it("decideRetention() gives every backup one verdict with a reason, whatever the order", () => {
    fc.assert(
      fc.property(catalogs, policies, (all, policy) => {
        const verdicts = decideRetention(all, toRetention(policy), NOW);
        expect(verdicts.map(({ name }) => name).toSorted()).toEqual(all.map(({ name }) => name).toSorted());
        expect(verdicts.every(({ reasons }) => reasons.length > 0)).toBe(true);
        expect(decideRetention(all.toReversed(), toRetention(policy), NOW)).toEqual(verdicts);
      }),
      RUNS,
    );
  });

  it("decideRetention() prunes nothing that runs, is pinned or in use, no parent of what stays, and not below minKeep", () => {
    fc.assert(
      fc.property(catalogs, policies, (all, policy) => {
        const names = new Set(kept(all, policy));
        const mustStay = all.filter(({ state, pinned, locked }) => state === "running" || pinned || locked);
        expect(mustStay.every(({ name }) => names.has(name))).toBe(true);
        const parents = all.flatMap(({ name, parent }) => (names.has(name) && parent !== undefined ? [parent] : []));
        expect(parents.every((name) => names.has(name))).toBe(true);
        const isGood = ({ state, startedAt }: KeptBackup): boolean =>
          state === "complete" && Date.parse(startedAt ?? "") <= NOW;
        const good = all.filter(isGood);
        const left = good.filter(({ name }) => names.has(name)).length;
        expect(left).toBeGreaterThanOrEqual(Math.min(policy.minKeep, good.length));
      }),
      RUNS,
    );
  });

  it("decideRetention() has nothing more to prune when it has been obeyed, and one more of a rule never keeps less", () => {
    fc.assert(
      fc.property(catalogs, policies, fc.constantFrom("last", "daily", "weekly", "monthly"), (all, policy, rule) => {
        const names = kept(all, policy);
        const left = all.filter(({ name }) => names.includes(name));
        expect(kept(left, policy)).toEqual(names);
        const more = { ...policy, keep: { ...policy.keep, [rule]: (policy.keep[rule] ?? 0) + 1 } };
        expect(kept(all, more)).toEqual(expect.arrayContaining([...names]));
      }),
      RUNS,
    );
  });

  it("decideRetention() keeps the same good ones with and without the failed ones", () => {
    fc.assert(
      fc.property(catalogs, policies, (all, policy) => {
        const good = all.filter(({ state }) => state === "complete").map((one) => ({ ...one, parent: undefined }));
        const failed = all.filter(({ state }) => state === "failed").map((one) => ({ ...one, parent: undefined }));
        const isGood = new Set(good.map(({ name }) => name));
        expect(kept([...good, ...failed], policy).filter((name) => isGood.has(name))).toEqual(kept(good, policy));
      }),
      RUNS,
    );
  });

  it("decideRetention() after every backup keeps what it keeps once at the end", () => {
    fc.assert(
      fc.property(policies, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }), (policy, gaps) => {
        let time = NOW - 200 * 24 * HOUR;
        let stepwise: readonly KeptBackup[] = [];
        const all: KeptBackup[] = [];
        for (const gap of gaps) {
          time += gap * HOUR;
          const startedAt = new Date(time).toISOString();
          all.push({ name: startedAt, state: "complete", startedAt });
          const names = kept([...stepwise, ...all.slice(-1)], policy, time);
          stepwise = all.filter(({ name }) => names.includes(name));
        }
        expect(stepwise.map(({ name }) => name).toReversed()).toEqual(kept(all, policy, time));
      }),
      { numRuns: 40 },
    );
  });
});
