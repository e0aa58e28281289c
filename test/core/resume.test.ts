import { describe, expect, it } from "vitest";
import { RESUMED_WITHIN_MS, whyNotResumed } from "../../src/core/resume.ts";
import type { ResumeWish, UnfinishedBackup } from "../../src/core/resume.ts";

const startedAt = "2026-05-01T02:00:00.000Z";
const source = { type: "s3", endpoint: "https://s3", bucket: "b", prefix: "files" };
const LEFT: UnfinishedBackup = {
  backup: "nightly_1",
  runId: "r1",
  startedAt,
  asked: "d1",
  source,
  manifest: { runId: "r1", state: "interrupted" },
  isLive: false,
  hasCaptures: true,
};
const after = (ms: number): Date => new Date(Date.parse(startedAt) + ms);
const WISH: ResumeWish = { asked: "d1", source, now: after(60_000), isOrdered: false };
const OLD = { now: after(RESUMED_WITHIN_MS + 1) };

describe("whyNotResumed()", () => {
  it("whyNotResumed() wants the same recipients, in whatever order", () => {
    const found = (recipients?: readonly string[]) =>
      whyNotResumed(
        { ...LEFT, manifest: { runId: "r1", state: "interrupted", ...(recipients && { encryption: { recipients } }) } },
        { ...WISH, encryption: { recipients: ["a", "b"] } },
      );
    expect(found(["b", "a"])).toBeUndefined();
    expect([found(["a"]), found(["a", "b", "c"]), found()]).toEqual(
      Array(3).fill("it is encrypted to others than it is to be now"),
    );
  });

  it("whyNotResumed() has no reason when everything is as it was", () => {
    for (const state of ["running", "failed", "interrupted", "complete", "partial"]) {
      expect(whyNotResumed({ ...LEFT, manifest: { runId: "r1", state } }, WISH)).toBeUndefined();
    }
    expect(whyNotResumed(LEFT, { ...WISH, source: { ...source, region: "eu", account: "other" } })).toBeUndefined();
  });

  it.each<[string, Partial<UnfinishedBackup>, Partial<ResumeWish>]>([
    ["what it had copied is no longer there", { manifest: undefined }, {}],
    ["what it had copied is no longer there", { manifest: { runId: "r2", state: "failed" } }, {}],
    ["it is being deleted", { manifest: { runId: "r1", state: "deleting" } }, {}],
    ["the run r1 may still be making it: its lease is fresh", { isLive: true }, {}],
    ["what is to be backed up was changed since it was begun", {}, { asked: "d2" }],
    ["the source keeps its segments elsewhere now", {}, { source: { ...source, bucket: "c" } }],
    ["the source keeps its segments elsewhere now", {}, { source: { ...source, prefix: "" } }],
  ])("whyNotResumed() says that %s, ordered or not", (why, left, wish) => {
    for (const isOrdered of [true, false]) {
      expect(whyNotResumed({ ...LEFT, ...left }, { ...WISH, ...wish, isOrdered })).toBe(why);
    }
  });

  it.each<[string, Partial<UnfinishedBackup>, Partial<ResumeWish>]>([
    ["it was begun 6h 0m ago", {}, OLD],
    ["nothing was captured for it yet", { hasCaptures: false }, {}],
    ["it was begun at 2026-05-01T02:00:00.000Z, which is not yet now", {}, { now: after(-600_000) }],
  ])("whyNotResumed() says that %s, unless it was ordered", (why, left, wish) => {
    expect(whyNotResumed({ ...LEFT, ...left }, { ...WISH, ...wish })).toContain(why);
    expect(whyNotResumed({ ...LEFT, ...left }, { ...WISH, ...wish, isOrdered: true })).toBeUndefined();
  });
});
