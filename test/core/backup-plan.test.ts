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
    selection: {
      patterns: [{ kind: "include", pattern: "default.*", matches: 2 }],
      leftOut: [{ collection: name("shop.a"), why: "no include matches it" }],
    },
    warnings: [],
  });
});

/** About 1 KiB a row. */
const facts = (rows: number, properties: Readonly<Record<string, string>> = {}) => ({
  properties,
  schema: "s",
  estimate: { rows, bytes: rows * 1024, requests: 8 },
});

it("planBackup() takes of what the patterns select that which meets every condition, and says why not the others", () => {
  const select = { include: ["*.*"], exclude: ["b"], where: { properties: { tier: "gold" }, largerThan: "1MiB" } };
  const known = new Map([
    ["default.a", facts(2000, { tier: "gold" })],
    ["default.c", facts(2000, { tier: "tin" })],
    ["default.d", facts(2000)],
    ["default.e", facts(1024, { tier: "gold" })],
  ]);
  const plan = planBackup(
    input(["default.a", "default.b", "default.c", "default.d", "default.e"], [], { select, facts: known }),
  );
  expect(taken(plan)).toEqual(["default.a"]);
  expect(plan.selection?.leftOut.map(({ collection, why }) => `${formatName(collection)}: ${why}`)).toEqual([
    "default.b: b excludes it",
    "default.c: its property tier is tin, not gold",
    "default.d: its property tier is not set, not gold",
    "default.e: it has about 1.0 MiB, not more than 1MiB",
  ]);
  expect(plan.estimate).toEqual({ rows: 2000, bytes: 2_048_000, requests: 8 });
});

it("planBackup() takes what is smaller when it selects by that", () => {
  const select = { include: ["*.*"], exclude: [], where: { smallerThan: "1MiB" } };
  const known = new Map([
    ["default.a", facts(1023)],
    ["default.b", facts(1024)],
  ]);
  expect(taken(planBackup(input(["default.a", "default.b"], [], { select, facts: known })))).toEqual(["default.a"]);
});

it("planBackup() takes only the partitions that the policy names, and warns of those of no collection that it takes", () => {
  const partitions = { "shop.*": ["p2024*"], "/.*a/": ["_default", "p2024*"], "default.b": ["x"] };
  const select = { include: ["*.*"], exclude: ["b"], partitions };
  const plan = planBackup(input(["shop.a", "shop.b", "default.b", "default.c"], [], { select }));
  const globs = plan.steps.flatMap((step) => (step.kind === "back-up-collection" ? [[step.id, step.partitions]] : []));
  expect(globs).toEqual([
    ["shop.a", ["p2024*", "_default"]],
    ["shop.b", ["p2024*"]],
    ["default.c", undefined],
  ]);
  expect(plan.warnings).toEqual(["partitions: default.b matches no collection"]);
});

it("planBackup() refuses what is strict and has an include, or partitions, that match nothing", () => {
  const select = { include: ["*.*", "shop.*", "gone"], exclude: ["*.tmp"], strict: true, partitions: { x: ["p"] } };
  expect(() => planBackup(input(["default.a"], [], { select }))).toThrow(
    expect.objectContaining({
      code: "refused",
      message: "The policy is strict, and nothing matches shop.*, gone, partitions: x",
    }),
  );
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
