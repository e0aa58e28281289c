import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listChecks, recordCheck } from "../../src/catalog/checks.ts";
import { judgeChecks } from "../../src/core/judge-checks.ts";
import type { CheckOutcome, Damage } from "../../src/core/check-outcome.ts";

const MISSING: Damage = { kind: "missing", key: "binlogs/insert_log/1/2/3/3/100/4", message: "it is not there" };

const COUNTS = { collections: 1, objects: 9, bytes: 9, unproven: [], notes: [] };

/** The level that a check is recorded at: one of checksums, unless it is said otherwise. */
async function recordedLevel(found: Partial<CheckOutcome>): Promise<string | undefined> {
  const target = openMemory();
  const what = {
    backup: "b1",
    target: "nas",
    level: "checksum",
    verdict: "damaged",
    damage: [],
    damageFound: 0,
  } as const;
  const outcome = { ...what, ...COUNTS, ...found };
  await recordCheck(target, { runId: "r1", finishedAt: "2026-11-28T02:00:00.000Z", outcome });
  return (await listChecks(target)).get("b1")?.[0]?.level;
}

describe("recordCheck()", () => {
  it("recordCheck() keeps damage at the lowest level that finds it, too", async () => {
    const changed: Damage = { ...MISSING, kind: "changed" };
    expect(await recordedLevel({ damage: [MISSING], damageFound: 1 })).toBe("objects");
    expect(await recordedLevel({ damage: [MISSING, changed], damageFound: 2 })).toBe("checksum");
  });

  it("recordCheck() keeps a check that had nothing to compare with as what it has proven", async () => {
    const passed = { level: "spot", verdict: "ok", damage: [], damageFound: 0 } as const;
    expect(await recordedLevel(passed)).toBe("spot");
    expect(await recordedLevel({ ...passed, proven: "objects" })).toBe("objects");
  });

  it("recordCheck() keeps damage of which not all is told at its own level: a lower one could not take it back", async () => {
    expect(await recordedLevel({ damage: [MISSING], damageFound: 2 })).toBe("checksum");
  });

  it("recordCheck() tells two checks within a second apart: the later one counts", async () => {
    const target = openMemory();
    const outcome = { backup: "b1", target: "nas", level: "checksum", damage: [], damageFound: 0, ...COUNTS } as const;
    const record = (verdict: "ok" | "damaged", ms: number): Promise<void> =>
      recordCheck(target, { runId: "r1", finishedAt: `2026-11-28T02:00:00.${ms}Z`, outcome: { ...outcome, verdict } });
    await record("ok", 100);
    await record("damaged", 200);
    expect(judgeChecks((await listChecks(target)).get("b1") ?? [])).toHaveProperty("damaged");
    await record("ok", 300);
    expect(judgeChecks((await listChecks(target)).get("b1") ?? [])).toHaveProperty("verified");
  });
});
