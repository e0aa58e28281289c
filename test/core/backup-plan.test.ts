import fc from "fast-check";
import { expect, it } from "vitest";
import { planBackup } from "../../src/core/backup-plan.ts";
import type { BackupPlanInput } from "../../src/core/backup-plan.ts";
import { formatName } from "../../src/core/collection-name.ts";
import { compileSelection, nameOf } from "../../src/core/select.ts";

const name = (text: string) => {
  const [database = "", collection = ""] = text.split(".");
  return { database, name: collection };
};

function input(inventory: readonly string[], include: readonly string[], given: Partial<BackupPlanInput> = {}) {
  return {
    backup: "b1",
    policy: "nightly",
    source: "prod",
    target: "nas",
    consistency: "flush",
    inventory: inventory.map(name),
    select: { include, exclude: [] },
    ...given,
  } as const satisfies BackupPlanInput;
}

/** The collections that the plan takes: "db.name", with a "!" where the policy names it. */
function taken(plan: ReturnType<typeof planBackup>): readonly string[] {
  return plan.steps.flatMap((step) =>
    step.kind === "back-up-collection" ? [formatName(step.collection) + (step.isNamed ? "!" : "")] : [],
  );
}

it("planBackup() begins, takes what is selected in the order of the inventory, and commits last", () => {
  expect(planBackup(input(["default.b", "default.a", "shop.a"], ["default.*"]))).toEqual({
    version: 1,
    action: "backup",
    backup: "b1",
    policy: "nightly",
    source: "prod",
    target: "nas",
    steps: [
      { kind: "begin-backup", id: "begin", why: "b1 is not there yet" },
      {
        kind: "back-up-collection",
        id: "default.b",
        why: "default.* selects it; flushed first, so that every row so far is in it",
        collection: name("default.b"),
        isNamed: false,
      },
      {
        kind: "back-up-collection",
        id: "default.a",
        why: "default.* selects it; flushed first, so that every row so far is in it",
        collection: name("default.a"),
        isNamed: false,
      },
      { kind: "commit-backup", id: "commit", why: "a backup counts once its meta files are written" },
    ],
    warnings: [],
  });
});

it("planBackup() takes up a collection that is named but not there, so that the backup cannot call itself whole", () => {
  const plan = planBackup(input(["default.a"], ["a", "shop.orders"]));
  expect(taken(plan)).toEqual(["default.a!", "shop.orders!"]);
  expect(plan.steps.at(-2)?.why).toBe("shop.orders names it, but the source does not have it");
});

it("planBackup() takes a collection once, however often it is named", () => {
  expect(taken(planBackup(input(["default.a"], ["a", "default.a", "*", "b", "default.b"])))).toEqual([
    "default.a!",
    "default.b!",
  ]);
});

it("planBackup() leaves out what is excluded, also where it is named and not there", () => {
  const select = { include: ["*.*", "a", "gone"], exclude: ["a", "gone"] };
  expect(taken(planBackup(input(["default.a", "default.b"], [], { select })))).toEqual(["default.b"]);
});

it("planBackup() warns of globs that match nothing, but not of *.* and of names", () => {
  const select = { include: ["*.*", "shop.*", "gone"], exclude: ["*.tmp_?"] };
  expect(planBackup(input(["default.a"], [], { select })).warnings).toEqual([
    "shop.* matches no collection",
    "*.tmp_? matches no collection",
  ]);
});

it.each([
  [["default.a"], ["shop.*"], "the policy includes shop.*; the source has default.a"],
  [[], ["*.*"], "the policy includes *.*; the source has no collection"],
  [["default.a"], ["gone"], "the policy includes gone; the source has default.a"],
])("planBackup() refuses when of %j nothing is selected by %j", (inventory, include, hint) => {
  expect(() => planBackup(input(inventory, include))).toThrow(
    expect.objectContaining({ code: "refused", message: expect.stringContaining("Nothing to back up"), hint }),
  );
});

it("planBackup() takes what the selection takes and what it names, each once, between begin and commit", () => {
  const collections = fc.uniqueArray(fc.constantFrom("default.a", "default.b", "db1.a", "db1.b"));
  const patterns = fc.array(fc.constantFrom("a", "default.a", "db1.*", "*.b", "default.c", "c", "?", "db2.*", "*.*"));
  fc.assert(
    fc.property(collections, patterns, patterns, (inventory, include, exclude) => {
      const select = { include, exclude };
      const decide = compileSelection(select);
      const named = include.flatMap((pattern) => nameOf(pattern) ?? []).map(formatName);
      const wanted = [...new Set([...inventory, ...named])].filter((id) => decide(name(id)).isSelected);
      const ask = () => planBackup(input(inventory, [], { select }));
      if (!wanted.some((id) => (inventory as readonly string[]).includes(id)))
        expect(ask).toThrow("Nothing to back up");
      else expect(ask().steps.map(({ id }) => id)).toEqual(["begin", ...wanted, "commit"]);
    }),
  );
});
