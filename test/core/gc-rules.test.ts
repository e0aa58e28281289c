import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectionOf, whyNotTold, whyRunIsOver } from "../../src/core/gc-rules.ts";

const INSERT = "binlogs/insert_log/10/20/1/1/100/4";
const DELTA = "binlogs/delta_log/10/20/1/1/5";

describe("whyRunIsOver()", () => {
  const ofBackup = (found: { runId: string; state: string } | undefined): string | undefined =>
    whyRunIsOver({ runId: "r1", backup: { name: "b1", found } });

  it.each(["complete", "partial", "deleting"])("whyRunIsOver() of a backup that is %s is over", (state) => {
    expect(ofBackup({ runId: "r1", state })).toMatch(/^of the backup b1, which is /);
  });

  it.each(["failed", "interrupted", "running"])(
    "whyRunIsOver() of a backup that is %s can be gone on with",
    (state) => {
      expect(ofBackup({ runId: "r1", state })).toBeUndefined();
    },
  );

  it("whyRunIsOver() of a backup that is gone, or another run's, is over", () => {
    expect(ofBackup(undefined)).toBe("of the backup b1, which is gone");
    expect(ofBackup({ runId: "r2", state: "interrupted" })).toBe("of the backup b1, which is gone");
  });

  it("whyRunIsOver() of a restore is over when its backup is gone or a later one was begun, and nothing of it is left", () => {
    const restore = { backup: "b1", isThere: true, isSuperseded: false, temporary: "none" } as const;
    const why = (given: Partial<{ isThere: boolean; isSuperseded: boolean; temporary: "none" | "some" | "unknown" }>) =>
      whyRunIsOver({ runId: "r1", restore: { ...restore, ...given } });
    expect(why({})).toBeUndefined();
    expect(why({ isThere: false })).toBe("a restore of b1, which is gone");
    expect(why({ isSuperseded: true })).toBe("a restore of b1 that a later one has superseded");
    for (const temporary of ["some", "unknown"] as const) expect(why({ isThere: false, temporary })).toBeUndefined();
  });

  it("whyRunIsOver() of what has no record is over", () => {
    expect(whyRunIsOver({ runId: "r1" })).toBe("of the run r1, which has left no record of what it did");
  });
});

describe("whyNotTold()", () => {
  it("whyNotTold() is content when manifest, list and meta files name the same, or nobody can read the meta files", () => {
    const keys = new Set([INSERT, DELTA]);
    expect(whyNotTold({ collection: "10", count: 2, keys, inMeta: [DELTA, INSERT] })).toBeUndefined();
    expect(whyNotTold({ collection: "10", count: 2, keys })).toBeUndefined();
  });

  it("whyNotTold() says why of lists that are too short, another collection's, or differ from the meta files", () => {
    expect(whyNotTold({ collection: "10", count: 2, keys: new Set([INSERT]) })).toContain("its list of 1");
    expect(whyNotTold({ collection: "11", count: 1, keys: new Set([INSERT]) })).toContain("another collection's");
    const keys = new Set([INSERT]);
    expect(whyNotTold({ collection: "10", count: 1, keys, inMeta: [DELTA] })).toContain("name other objects");
    expect(whyNotTold({ collection: "10", count: 1, keys, inMeta: [] })).toContain("name other objects");
  });

  it("whyNotTold() is never content with a list that lacks an object which the meta files or the manifest tell of", () => {
    const key = fc.integer({ min: 0, max: 9 }).map((log) => `binlogs/insert_log/10/20/1/1/100/${log}`);
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1 }), fc.subarray([0, 1, 2, 3, 4, 5]), (named, dropped) => {
        const keys = new Set(named.filter((_, index) => !dropped.includes(index)));
        const isWhole = keys.size === named.length;
        expect(whyNotTold({ collection: "10", count: named.length, keys, inMeta: named }) === undefined).toBe(isWhole);
        expect(whyNotTold({ collection: "10", count: keys.size, keys, inMeta: named }) === undefined).toBe(isWhole);
      }),
    );
  });
});

describe("collectionOf()", () => {
  it("collectionOf() is that of payload, and of nothing else", () => {
    expect([INSERT, DELTA, "meta/objects/10.jsonl.gz", "x/binlogs/insert_log/1/2"].map(collectionOf)).toEqual([
      "10",
      "10",
      undefined,
      undefined,
    ]);
  });
});
