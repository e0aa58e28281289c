/** Plans of representative policies, whole: what a review of a change to planning looks at. */
import { expect, it } from "vitest";
import { planBackup } from "../../src/core/backup-plan.ts";
import type { BackupPlanInput } from "../../src/core/backup-plan.ts";
import type { CollectionFacts } from "../../src/core/collection-facts.ts";
import type { Selection } from "../../src/core/contracts/selection.ts";
import { formatPlan } from "../../src/report/format-plan.ts";

const INVENTORY = ["default.book", "default.tmp_1", "shop.items", "shop.orders", "shop.orders_old", "shop.tmp_2"].map(
  (text, index) => {
    const [database = "", name = ""] = text.split(".");
    return { database, name, id: String(450_000_000_000_000_000n + BigInt(index)) };
  },
);

/** A million rows of 1 KiB for each that comes later in the inventory; every other one is gold. */
const FACTS: ReadonlyMap<string, CollectionFacts> = new Map(
  INVENTORY.map(({ database, name }, index) => {
    const rows = index * 1_000_000;
    const estimate = { rows, bytes: rows * 1024, requests: index * 24 };
    const tier = index % 2 === 0 ? "gold" : "tin";
    return [`${database}.${name}`, { properties: { "backup.tier": tier }, schema: `schema-${index}`, estimate }];
  }),
);

const POLICIES: Readonly<Record<string, Partial<Selection>>> = {
  everything: {},
  "globs-and-names": { include: ["shop.*", "book", "shop.gone"], exclude: ["*.tmp_?", "x.*"] },
  "regular-expressions": { include: ["/shop\\.(orders|items)(_old)?/"], exclude: ["/.*_old/"] },
  "gold-and-large": { where: { properties: { "backup.tier": "gold" }, largerThan: "1GiB" } },
  "schemas-only": { include: ["shop.o*"] },
  "three-targets": { include: ["shop.orders"] },
  partitions: { include: ["shop.orders*"], partitions: { "shop.orders": ["p2024*", "_default"] } },
};

/** What is more than a selection. */
const MORE: Readonly<Record<string, Partial<Pick<BackupPlanInput, "consistency" | "furtherTargets">>>> = {
  "schemas-only": { consistency: "meta-only" },
  "three-targets": { furtherTargets: [{ name: "offsite" }, { name: "tape", passedOver: "it is full" }] },
};

it.each(Object.entries(POLICIES))("planBackup() plans the policy %s as it did", async (policy, given) => {
  const select = { include: ["*.*"], exclude: [], ...given };
  const names = { backup: "nightly_20261124_020000", policy, source: "prod", target: "nas" };
  const plan = planBackup({
    ...names,
    select,
    consistency: "flush",
    inventory: INVENTORY,
    facts: FACTS,
    ...MORE[policy],
  });
  await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(`goldens/${policy}.json`);
  await expect(`${formatPlan(plan)}\n`).toMatchFileSnapshot(`goldens/${policy}.txt`);
});
