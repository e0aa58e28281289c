import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { createCatalogs } from "../../src/engine/catalogs.ts";
import { decidePrune } from "../../src/engine/decide-prune.ts";
import { listTargets } from "../../src/engine/list-targets.ts";
import type { ClosedTarget } from "../../src/engine/places.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { closedTarget, createTestRun, toTarget } from "../support/engine-run.ts";
import { failingStorage } from "../support/failing-storage.ts";
import { manifestOf } from "../support/manifests.ts";
import { writeAll } from "../support/storage-content.ts";

interface Counted extends ClosedTarget {
  readonly storage: Storage;
  /** How often its top was listed. */
  readonly listings: () => number;
}

async function countedTarget(name: string, backups: Readonly<Record<string, string>>): Promise<Counted> {
  const storage = openMemory();
  for (const [backup, startedAt] of Object.entries(backups)) {
    const manifest = encodeManifest(manifestOf(backup, { policy: { name: "nightly", digest: "d" }, startedAt }));
    const meta = [META_KEYS.full, META_KEYS.backup].map((key) => [`${backup}/${key}`, "{}"]);
    await writeAll(storage, { [`${backup}/${MANIFEST_KEY}`]: manifest, ...Object.fromEntries(meta) });
  }
  let listings = 0;
  const counting = failingStorage(storage, ({ kind, key }) => {
    if (kind === "list" && key === "") listings += 1;
    return undefined;
  });
  return { ...closedTarget(name, counting), storage: counting, listings: () => listings };
}

const BACKUPS = { b1: "2026-11-01T00:00:00.000Z", b2: "2026-11-02T00:00:00.000Z" };
const away: ClosedTarget = {
  name: "away",
  open: () => Promise.reject(Object.assign(new Error("away"), { name: "StorageError", code: "unavailable" })),
};

describe("createCatalogs()", () => {
  it("createCatalogs() lists a target once for catch-up, for retention, and for what others must have", async () => {
    const [nas, offsite] = [await countedTarget("nas", BACKUPS), await countedTarget("offsite", BACKUPS)];
    const run = createTestRun("r1");
    const catalogs = createCatalogs(run);
    await listTargets(toTarget("nas", nas.storage), [offsite], catalogs);
    const facts = { policy: "nightly", source: "prod", retention: toRetention({ keep: { last: 1 } }) };
    for (const [target, other] of [
      [nas, offsite],
      [offsite, nas],
    ] as const) {
      const { verdicts } = await decidePrune({ ...facts, target, required: [other] }, { ...run, catalogs });
      expect(verdicts.map(({ name, verdict }) => [name, verdict])).toEqual([
        ["b2", "keep"],
        ["b1", "prune"],
      ]);
    }
    expect([nas.listings(), offsite.listings()]).toEqual([1, 1]);
    catalogs.forget("nas");
    await catalogs.list(nas);
    expect([nas.listings(), offsite.listings()]).toEqual([2, 1]);
  });

  it("createCatalogs() finds nothing in a target that cannot be looked at, so that nothing goes for its sake", async () => {
    const nas = await countedTarget("nas", BACKUPS);
    const run = createTestRun("r1");
    const catalogs = createCatalogs(run);
    expect(await catalogs.find(away)).toBeUndefined();
    await expect(catalogs.list(away)).rejects.toThrow("away");
    expect(await listTargets(toTarget("nas", nas.storage), [away], catalogs)).toMatchObject([{ name: "nas" }]);
    const facts = { policy: "nightly", source: "prod", retention: toRetention({ keep: { last: 1 } }) };
    const { verdicts } = await decidePrune({ ...facts, target: nas, required: [away] }, { ...run, catalogs });
    expect(verdicts).toMatchObject([{ verdict: "keep" }, { verdict: "keep", reasons: ["not yet copied to away"] }]);
  });
});
