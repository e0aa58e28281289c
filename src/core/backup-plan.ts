import type { CollectionName, InventoryCollection } from "./collection-name.ts";
import { formatName } from "./collection-name.ts";
import type { Consistency, Selection } from "./contracts/config.ts";
import { BackupError } from "./errors.ts";
import type { BackUpCollectionStep, Plan } from "./plan.ts";
import { compileSelection, matchedNothing, nameOf } from "./select.ts";

export interface BackupPlanInput {
  readonly backup: string;
  readonly policy?: string | undefined;
  readonly source: string;
  readonly target: string;
  readonly select: Selection;
  readonly consistency: Consistency;
  /** Every collection that the source holds. */
  readonly inventory: readonly InventoryCollection[];
}

/** What a backup will take, and why. A BackupError "refused" when that is nothing. */
export function planBackup(input: BackupPlanInput): Plan {
  const { backup, policy, source, target, select, inventory } = input;
  const there = selected(input);
  if (there.length === 0) {
    throw new BackupError("refused", `Nothing to back up: none of ${inventory.length} collections is selected`, {
      hint: `the policy includes ${select.include.join(", ")}; the source has ${inventory.slice(0, 5).map(formatName).join(", ") || "no collection"}`,
    });
  }
  return {
    version: 1,
    action: "backup",
    backup,
    policy,
    source,
    target,
    steps: [
      { kind: "begin-backup", id: "begin", why: `${backup} is not there yet` },
      ...there,
      ...namedButMissing(input),
      { kind: "commit-backup", id: "commit", why: "a backup counts once its meta files are written" },
    ],
    warnings: globsWithoutMatch(input).map((pattern) => `${pattern} matches no collection`),
  };
}

function selected({ inventory, select, consistency }: BackupPlanInput): readonly BackUpCollectionStep[] {
  const decide = compileSelection(select);
  const named = new Set(select.include.map(nameOf).map((name) => name && formatName(name)));
  return inventory.flatMap((collection) => {
    const { isSelected, by } = decide(collection);
    if (!isSelected) return [];
    const { database, name, id } = collection;
    const step = stepOf(
      { database, name },
      named.has(formatName(collection)),
      `${by ?? "*"} selects it; ${HOW[consistency]}`,
    );
    return [{ ...step, ...(id !== undefined && { collectionId: id }) }];
  });
}

/** A collection that the policy names is taken up although it is not there, so that the backup cannot call itself whole. */
function namedButMissing({ select, inventory }: BackupPlanInput): readonly BackUpCollectionStep[] {
  const decide = compileSelection(select);
  const steps = matchedNothing(select.include, inventory).flatMap((pattern) => {
    const name = nameOf(pattern);
    if (name === undefined || !decide(name).isSelected) return [];
    return [stepOf(name, true, `${pattern} names it, but the source does not have it`)];
  });
  return [...new Map(steps.map((step) => [step.id, step])).values()]; // "a" and "default.a" are one
}

function stepOf(collection: CollectionName, isNamed: boolean, why: string): BackUpCollectionStep {
  return { kind: "back-up-collection", id: formatName(collection), why, collection, isNamed };
}

function globsWithoutMatch({ select, inventory }: BackupPlanInput): readonly string[] {
  const names = [...select.include, ...select.exclude];
  return matchedNothing(names, inventory).filter((pattern) => nameOf(pattern) === undefined && pattern !== "*.*");
}

const HOW: Readonly<Record<Consistency, string>> = {
  flush: "flushed first, so that every row so far is in it",
  "skip-flush": "not flushed: rows that Milvus has not persisted yet are not in it",
  "meta-only": "schema only, no rows",
};
