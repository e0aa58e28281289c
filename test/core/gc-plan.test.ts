import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Garbage, GarbageCandidate } from "../../src/core/garbage.ts";
import { decideGarbage, planGc, summarizeGarbage, toCandidates } from "../../src/core/gc-plan.ts";
import type { GarbageTimes } from "../../src/core/gc-plan.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse("2026-11-28T02:00:00Z");
const DAY: GarbageTimes = { nowMs: NOW_MS, minAgeMs: 24 * HOUR_MS };

function hoursAgo(hours: number): string {
  return new Date(NOW_MS - hours * HOUR_MS).toISOString();
}

function garbage(key: string, given: Partial<Garbage> = {}): Garbage {
  return { kind: "stray", place: "b1/", key, bytes: 3, etag: "e", modifiedAt: hoursAgo(100), why: "why", ...given };
}

function candidate(key: string, given: Partial<GarbageCandidate> = {}): GarbageCandidate {
  return { key, bytes: 3, etag: "e", modifiedAt: hoursAgo(100), since: hoursAgo(30), ...given };
}

function dueOf(found: readonly Garbage[], candidates: readonly GarbageCandidate[], times = DAY): readonly string[] {
  return decideGarbage(found, candidates, times).due.map(({ key }) => key);
}

describe("decideGarbage()", () => {
  it("decideGarbage() lets go what an earlier pass found as well, long enough ago", () => {
    expect(dueOf([garbage("a")], [candidate("a")])).toEqual(["a"]);
    expect(dueOf([garbage("a")], [candidate("a", { since: hoursAgo(23) })])).toEqual([]);
    expect(dueOf([garbage("a")], [candidate("b")])).toEqual([]);
    expect(dueOf([garbage("a", { source: "prod" })], [candidate("a")])).toEqual([]);
  });

  it("decideGarbage() lets nothing go in the first pass, however old it is and however little is asked", () => {
    expect(dueOf([garbage("a")], [], { nowMs: NOW_MS, minAgeMs: 0 })).toEqual([]);
  });

  it.each([
    ["has other bytes", { bytes: 4 }],
    ["is another version", { etag: "f" }],
    ["was written again", { modifiedAt: hoursAgo(50) }],
  ])("decideGarbage() begins anew with what %s than the pass before saw", (_, changed) => {
    const { due, waiting } = decideGarbage([garbage("a", changed)], [candidate("a")], DAY);
    expect([due, waiting.map(({ since }) => since)]).toEqual([[], [hoursAgo(0)]]);
  });

  it("decideGarbage() lets nothing go that is younger itself, or whose age nobody knows", () => {
    const young = { modifiedAt: hoursAgo(2) };
    expect(dueOf([garbage("a", young)], [candidate("a", young)])).toEqual([]);
    const timeless = { modifiedAt: undefined };
    expect(dueOf([garbage("a", timeless)], [candidate("a", timeless)])).toEqual([]);
    expect(dueOf([garbage("a")], [candidate("a")], { ...DAY, nowMs: Number.NaN })).toEqual([]);
  });

  it("decideGarbage() begins anew when the clock was turned back, and never counts from a time that is to come", () => {
    const before = decideGarbage([garbage("a")], [candidate("a", { since: hoursAgo(-5) })], DAY);
    expect(before).toMatchObject({ due: [], waiting: [{ key: "a", since: hoursAgo(0) }] });
    const timeless = decideGarbage([garbage("a")], [], { ...DAY, nowMs: Number.NaN });
    expect(dueOf([garbage("a")], toCandidates(timeless))).toEqual([]);
  });

  it("decideGarbage() of any two passes lets go only what both found, the same, and keeps the rest for the next one", () => {
    const keys = fc.uniqueArray(fc.constantFrom<string>("a", "b", "c", "d", "e"));
    const arbitrary = fc.record({
      first: keys,
      second: keys,
      rewritten: keys,
      firstMs: fc.integer({ min: -100, max: 100 }).map((hours) => NOW_MS + hours * HOUR_MS),
      secondMs: fc.integer({ min: -100, max: 100 }).map((hours) => NOW_MS + hours * HOUR_MS),
    });
    fc.assert(
      fc.property(arbitrary, ({ first, second, rewritten, firstMs, secondMs }) => {
        const earlier = decideGarbage(
          first.map((key) => garbage(key)),
          [],
          { ...DAY, nowMs: firstMs },
        );
        expect(earlier.due).toEqual([]);
        const found = second.map((key) => garbage(key, rewritten.includes(key) ? { etag: "new" } : {}));
        const { due, waiting } = decideGarbage(found, toCandidates(earlier), { ...DAY, nowMs: secondMs });
        expect([...due, ...waiting].map(({ key }) => key).toSorted()).toEqual([...second].toSorted());
        for (const { key } of due) {
          expect([first.includes(key), rewritten.includes(key)]).toEqual([true, false]);
          expect(secondMs - firstMs).toBeGreaterThanOrEqual(DAY.minAgeMs);
        }
        const isLater = secondMs - firstMs >= DAY.minAgeMs && secondMs - Date.parse(hoursAgo(100)) >= DAY.minAgeMs;
        const both = second.filter((key) => first.includes(key) && !rewritten.includes(key));
        expect(due.map(({ key }) => key)).toEqual(isLater ? both : []);
      }),
    );
  });
});

describe("planGc()", () => {
  it("planGc() finishes deletions first, then has a step for each place with what is due there", () => {
    const found = [
      garbage("b1/x"),
      garbage("b1/y"),
      garbage("b1/new"),
      garbage("t/z", { kind: "temporary", place: "t/", source: "prod" }),
    ];
    const decision = decideGarbage(
      found,
      [candidate("b1/x"), candidate("b1/y"), candidate("t/z", { source: "prod" })],
      DAY,
    );
    const summary = summarizeGarbage("nas", { garbage: found, unfinished: ["b0"], foreign: [], left: [] }, decision);
    expect(summary.groups).toMatchObject([
      { place: "b1/", objects: 2, bytes: 6, state: "due" },
      { place: "t/", source: "prod", objects: 1, state: "due" },
      { place: "b1/", objects: 1, state: "waiting", since: hoursAgo(0) },
    ]);
    expect(planGc(summary).steps).toMatchObject([
      { kind: "delete-backup", id: "b0", backup: "b0" },
      { kind: "collect-garbage", id: "stray b1/", objects: 2, bytes: 6 },
      { kind: "collect-garbage", id: "temporary prod: t/", source: "prod", objects: 1 },
    ]);
  });
});
