import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listChecks, recordCheck } from "../../src/catalog/checks.ts";
import { readAsked } from "../../src/catalog/read-asked.ts";
import type { AskedInVain } from "../../src/catalog/read-asked.ts";
import type { CheckOutcome, Damage } from "../../src/core/check-outcome.ts";
import { standingOf } from "../../src/core/judge-checks.ts";

const OBJECT = "binlogs/insert_log/200/201/250/250/100/1";

interface Check {
  readonly day: number;
  readonly keys?: readonly string[];
  readonly outcome?: Partial<CheckOutcome>;
}

function damageTo(key: string): Damage {
  return { kind: "changed", key, message: "its bytes are not those that were backed up" };
}

async function askedAfter(...checks: readonly Check[]): Promise<AskedInVain | undefined> {
  const storage = openMemory();
  for (const { day, keys = [OBJECT], outcome: given } of checks) {
    const damage = keys.map(damageTo);
    const found = { collections: 1, objects: 1, bytes: 1, damage, damageFound: damage.length, unproven: [], notes: [] };
    const outcome = { backup: "b1", target: "nas", level: "checksum", verdict: "damaged", ...found, ...given } as const;
    await recordCheck(storage, { runId: `r${day}`, finishedAt: `2026-11-${10 + day}T02:00:00.000Z`, outcome });
  }
  const [check, ...earlier] = standingOf((await listChecks(storage)).get("b1") ?? []);
  if (check === undefined) throw new Error("Nothing stands");
  return readAsked(storage, { check, earlier });
}

const ASKED = { outcome: { asked: ["offsite"] } };

describe("readAsked", () => {
  it("readAsked() tells whom the last check asked, and nobody when none has", async () => {
    expect(await askedAfter({ day: 1, ...ASKED })).toEqual({ asked: ["offsite"], askedAt: "2026-11-11T02:00:00.000Z" });
    expect(await askedAfter({ day: 1 }, { day: 2 })).toBeUndefined();
  });

  it("readAsked() still tells it after checks that only looked, and when that was", async () => {
    const asked = await askedAfter({ day: 1, ...ASKED }, { day: 2 }, { day: 7 });
    expect(asked).toEqual({ asked: ["offsite"], askedAt: "2026-11-11T02:00:00.000Z" });
  });

  it.each<[string, readonly Check[]]>([
    ["found something else since", [{ day: 2, keys: [OBJECT, "binlogs/insert_log/200/201/250/250/100/2"] }]],
    ["only counted some of it", [{ day: 2, outcome: { damageFound: 2 } }]],
    [
      "found it again after it was right",
      [{ day: 2, outcome: { verdict: "ok", damage: [], damageFound: 0 } }, { day: 3 }],
    ],
    ["found it a week later", [{ day: 8 }]],
  ])("readAsked() forgets it when a check has %s", async (_, later) => {
    expect(await askedAfter({ day: 1, ...ASKED }, ...later)).toBeUndefined();
  });
});
