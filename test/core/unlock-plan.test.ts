import { describe, expect, it } from "vitest";
import { chooseUnlocked } from "../../src/core/unlock-plan.ts";
import type { TargetLock } from "../../src/core/unlock-plan.ts";

function lock(run: string, state: "live" | "stale", key: string = `.milvus-backup/locks/s/${run}`): TargetLock {
  return { target: "nas", lock: "shared", key, run, state };
}

const LIVE = lock("r1", "live");
const STALE = lock("r2", "stale");

describe("chooseUnlocked()", () => {
  it("chooseUnlocked() takes what is stale, and nothing that lives, when no run is named", () => {
    expect(chooseUnlocked([LIVE, STALE], {})).toEqual([STALE]);
    expect(chooseUnlocked([], {})).toEqual([]);
  });

  it("chooseUnlocked() takes of a run that is named only its own, also the lease that another holds for it", () => {
    const forIt = lock("r3", "stale", ".milvus-backup/locks/s/r2");
    expect(chooseUnlocked([LIVE, STALE, forIt, lock("r4", "stale")], { run: "r2" })).toEqual([STALE, forIt]);
  });

  it.each([
    ["a run that holds none", { run: "r9" }, "not-found"],
    ["a run that lives", { run: "r1" }, "refused"],
    ["force without a name", { force: true }, "usage"],
  ] as const)("chooseUnlocked() refuses %s", (_, request, code) => {
    expect(() => chooseUnlocked([LIVE, STALE], request)).toThrow(expect.objectContaining({ code }));
  });

  it("chooseUnlocked() takes a live one by its name and by force, and no other", () => {
    expect(chooseUnlocked([LIVE, STALE], { run: "r1", force: true })).toEqual([LIVE]);
  });
});
