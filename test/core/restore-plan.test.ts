import { describe, expect, it } from "vitest";
import { missingIn, planRestore } from "../../src/core/restore-plan.ts";
import type { RestorePlanInput } from "../../src/core/restore-plan.ts";
import type { Plan } from "../../src/core/plan.ts";
import { formatName } from "../../src/core/collection-name.ts";

const name = (text: string) => {
  const [database = "", collection = ""] = text.split(".");
  return { database, name: collection };
};

function input(given: Partial<RestorePlanInput> = {}): RestorePlanInput {
  return {
    backup: "b1",
    source: "prod",
    target: "nas",
    collections: [
      { id: "10", name: name("default.book"), rows: 1850, bytes: 2048 },
      { id: "11", name: name("shop.orders"), rows: 7, bytes: 10 },
    ],
    missing: [],
    select: [],
    onConflict: "fail",
    databases: ["default", "shop"],
    existing: [],
    files: "copied",
    ...given,
  };
}

/** "from>to mode" of each collection, and the databases that are made before. */
function stepsOf({ steps }: Plan): readonly string[] {
  return steps.map((step) => {
    if (step.kind === "create-database") return `create ${step.database}`;
    return step.kind === "restore-collection"
      ? `${formatName(step.from)}>${formatName(step.to)} ${step.mode}`
      : step.kind;
  });
}

describe("planRestore()", () => {
  it("planRestore() restores all of a backup under the old names when nothing else is said", () => {
    expect(planRestore(input({ collections: input().collections.slice(0, 1) }))).toEqual({
      version: 1,
      action: "restore",
      backup: "b1",
      source: "prod",
      target: "nas",
      steps: [
        {
          kind: "restore-collection",
          id: "default.book",
          why: "1,850 rows, 2.0 KiB of default.book; the name is free",
          collectionId: "10",
          from: name("default.book"),
          to: name("default.book"),
          mode: "create",
          files: "copied",
          rows: 1850,
          bytes: 2048,
        },
      ],
      warnings: [],
    });
  });

  it("planRestore() makes each database that is not there once, before any collection", () => {
    const renames = ["shop.*:drill.*", "default.*:drill.*"];
    expect(stepsOf(planRestore(input({ renames })))).toEqual([
      "create drill",
      "default.book>drill.book create",
      "shop.orders>drill.orders create",
    ]);
  });

  it("planRestore() makes no database of which everything is skipped", () => {
    const existing = [name("shop.orders")];
    expect(stepsOf(planRestore(input({ existing, databases: ["default"], onConflict: "skip" })))).toEqual([
      "default.book>default.book create",
    ]);
  });

  it("planRestore() refuses names that are taken, with all of them", () => {
    const existing = [name("default.book"), name("shop.orders"), name("shop.other")];
    expect(() => planRestore(input({ existing }))).toThrow(
      expect.objectContaining({
        code: "refused",
        message: "Already there: default.book, shop.orders",
        facts: { collections: ["default.book", "shop.orders"] },
      }),
    );
  });

  it.each([
    ["skip", ["shop.orders>shop.orders create"], ["default.book is there and is left as it is"]],
    ["replace", ["default.book>default.book replace", "shop.orders>shop.orders create"], []],
    ["append", ["default.book>default.book append", "shop.orders>shop.orders create"], []],
  ] as const)("planRestore() with %s treats only the names that are taken so", (onConflict, steps, warnings) => {
    const plan = planRestore(input({ onConflict, existing: [name("default.book")] }));
    expect([stepsOf(plan), plan.warnings]).toEqual([steps, warnings]);
  });

  it("planRestore() looks for conflicts under the new names", () => {
    const existing = [name("default.book"), name("shop.orders")];
    expect(stepsOf(planRestore(input({ existing, suffix: "_2" })))).toEqual([
      "default.book>default.book_2 create",
      "shop.orders>shop.orders_2 create",
    ]);
    expect(() => planRestore(input({ existing: [name("default.book_2")], suffix: "_2" }))).toThrow("default.book_2");
  });

  it("planRestore() takes what any of the globs matches, and renames within it only", () => {
    expect(stepsOf(planRestore(input({ select: ["shop.*"], suffix: "_2" })))).toEqual([
      "shop.orders>shop.orders_2 create",
    ]);
    expect(() => planRestore(input({ select: ["shop.*"], renames: ["book:b"] }))).toThrow(
      expect.objectContaining({ code: "usage", message: "There is no default.book to rename" }),
    );
  });

  it("planRestore() refuses a selection that the backup does not know", () => {
    expect(() => planRestore(input({ select: ["shop.*", "books", "x.*"] }))).toThrow(
      expect.objectContaining({
        code: "not-found",
        message: "The backup b1 has no books, x.*",
        hint: "it has default.book, shop.orders",
      }),
    );
  });

  it("planRestore() warns of what a partial backup lacks, of that which is asked for", () => {
    const missing = [
      { name: name("shop.items"), reason: "it timed out" },
      { name: name("default.tmp"), reason: "it failed" },
    ];
    const plan = planRestore(input({ missing, select: ["shop.*"] }));
    expect([stepsOf(plan), plan.warnings]).toEqual([
      ["shop.orders>shop.orders create"],
      ["shop.items is not in the backup: it timed out"],
    ]);
  });

  it("planRestore() accepts a selection of nothing but what the backup lacks: the report says that it is missing", () => {
    const missing = [{ name: name("shop.items"), reason: "it timed out" }];
    const plan = planRestore(input({ missing, select: ["shop.items"] }));
    expect([plan.steps, plan.warnings]).toEqual([[], ["shop.items is not in the backup: it timed out"]]);
  });
});

it("missingIn() gives all without a selection, else what it matches", () => {
  const missing = ["default.a", "shop.b"].map((text) => ({ name: name(text), reason: "x" }));
  const names = (select: readonly string[]) => missingIn(missing, select).map((one) => formatName(one.name));
  expect([names([]), names(["a"]), names(["shop.*"]), names(["none"])]).toEqual([
    ["default.a", "shop.b"],
    ["default.a"],
    ["shop.b"],
    [],
  ]);
});

describe("a collection of which the backup has a part", () => {
  const part = { taken: ["p1", "p2"], of: 3 };
  const collections = [{ id: "10", name: name("default.book"), rows: 7, bytes: 10, part }];

  it("planRestore() warns that it is a part", () => {
    expect(planRestore(input({ collections })).warnings).toEqual([
      "default.book is in the backup with 2 of its 3 partitions: p1, p2",
    ]);
  });

  it("planRestore() refuses to put it in the place of a whole one", () => {
    const existing = [name("default.book")];
    expect(() => planRestore(input({ collections, existing, onConflict: "replace" }))).toThrow(
      expect.objectContaining({
        code: "refused",
        message: "Cannot replace default.book: the backup has a part of its partitions only",
      }),
    );
    expect(stepsOf(planRestore(input({ collections, onConflict: "replace" })))).toEqual([
      "default.book>default.book create",
    ]);
    expect(stepsOf(planRestore(input({ collections, existing, onConflict: "append" })))).toEqual([
      "default.book>default.book append",
    ]);
  });
});
