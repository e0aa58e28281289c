import { describe, expect, it } from "vitest";
import { planCatchUp } from "../../src/core/catch-up.ts";
import type { CatalogEntry } from "../../src/core/catch-up.ts";

const GROUP = { policy: "nightly", source: "prod" };

function backup(day: number, entry: Partial<CatalogEntry> = {}): CatalogEntry {
  const startedAt = `2026-11-0${day}T02:00:00.000Z`;
  return { name: `b${day}`, state: "complete", startedAt, bytes: 2048, ...GROUP, ...entry };
}

function planned(...targets: readonly (readonly CatalogEntry[])[]): readonly string[] {
  const catalogs = targets.map((entries, index) => ({ name: `t${index + 1}`, entries }));
  return planCatchUp(catalogs, GROUP).map(({ id, from }) => `${id} from ${from}`);
}

describe("planCatchUp()", () => {
  it("planCatchUp() copies what is newer than the newest backup of a target, the oldest first", () => {
    expect(planned([backup(4), backup(3), backup(2), backup(1)], [backup(2)])).toEqual([
      "copy b3 to t2 from t1",
      "copy b4 to t2 from t1",
    ]);
  });

  it("planCatchUp() says why, and how much it is", () => {
    expect(
      planCatchUp(
        [
          { name: "nas", entries: [backup(2)] },
          { name: "lab", entries: [backup(1)] },
        ],
        GROUP,
      ),
    ).toEqual([
      {
        kind: "catch-up",
        id: "copy b2 to lab",
        why: "lab does not have it whole, nas does; about 2.0 KiB",
        backup: "b2",
        from: "nas",
        target: "lab",
      },
    ]);
  });

  it("planCatchUp() catches the first target up, too, once from the first that has it", () => {
    expect(planned([backup(1)], [backup(1), backup(2)], [backup(2)])).toEqual(["copy b2 to t1 from t2"]);
  });

  it("planCatchUp() leaves alone what a target can have pruned, and a target that has none yet", () => {
    expect(planned([backup(1), backup(3)], [backup(3)], [])).toEqual([]);
  });

  it.each(["failed", "interrupted"])("planCatchUp() takes up a copy that is %s, newer ones or not", (state) => {
    expect(planned([backup(1), backup(2)], [backup(1, { state }), backup(2)])).toEqual(["copy b1 to t2 from t1"]);
  });

  it.each(["running", "complete", "partial"])("planCatchUp() leaves a copy that is %s alone", (state) => {
    expect(planned([backup(1), backup(2)], [backup(1, { state }), backup(2)])).toEqual([]);
  });

  it.each([
    { what: "of another policy", entry: { policy: "hourly" } },
    { what: "of another source", entry: { source: "lab" } },
    { what: "of nobody", entry: { policy: undefined } },
    { what: "that is not whole", entry: { state: "interrupted" } },
    { what: "that is damaged", entry: { damaged: "b2/binlogs/1 is missing" } },
    { what: "without a time", entry: { startedAt: null } },
  ])("planCatchUp() copies no backup $what", ({ entry }) => {
    expect(planned([backup(2, entry)], [backup(1)])).toEqual([]);
  });

  it("planCatchUp() does not take a backup for another that has its name", () => {
    const other = backup(1, { startedAt: "2026-10-01T00:00:00.000Z", state: "failed" });
    expect(planned([backup(1), backup(2)], [other, backup(2)])).toEqual([]);
  });
});
