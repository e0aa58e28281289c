import type { CollectionFacts } from "./collection-facts.ts";
import { findFailedCondition } from "./collection-facts.ts";
import type { InventoryCollection } from "./collection-name.ts";
import { formatName } from "./collection-name.ts";
import type { Consistency } from "./contracts/policy.ts";
import type { Selection } from "./contracts/selection.ts";
import type { BackUpCollectionStep, Estimate, SelectionOutcome } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";
import { compilePartitions } from "./select-partitions.ts";
import { compileSelection, nameOf } from "./select.ts";

export interface JudgeInput {
  readonly select: Selection;
  readonly consistency: Consistency;
  /** Every collection that the source holds. */
  readonly inventory: readonly InventoryCollection[];
  /** By "database.collection", of all that the patterns select; absent when nobody asked the source. */
  readonly facts?: ReadonlyMap<string, CollectionFacts> | undefined;
}

export interface Judgement {
  readonly steps: readonly BackUpCollectionStep[];
  readonly leftOut: SelectionOutcome["leftOut"];
}

/** Every collection of the inventory is taken, or left out with the reason. */
export function judgeCollections(input: JudgeInput): Judgement {
  const { inventory, select, facts } = input;
  const decide = compileSelection(select);
  const takes = { ...input, named: namesIn(select), partitionsOf: compilePartitions(select) };
  const steps: BackUpCollectionStep[] = [];
  const leftOut: SelectionOutcome["leftOut"][number][] = [];
  for (const { database, name, id } of inventory) {
    const collection = { database, name, ...(id !== undefined && { id }) };
    const { isSelected, by } = decide(collection);
    const known = facts?.get(formatName(collection));
    const failed = isSelected ? conditionOf(select, known) : notSelected(by);
    if (failed !== undefined) leftOut.push({ collection: { database, name }, why: failed });
    else steps.push(toStep(takes, { collection, by, known }));
  }
  return { steps, leftOut };
}

function namesIn({ include }: Selection): ReadonlySet<string> {
  return new Set(include.flatMap((pattern) => nameOf(pattern) ?? []).map(formatName));
}

function notSelected(by: string | undefined): string {
  return by === undefined ? "no include matches it" : `${by} excludes it`;
}

function conditionOf({ where }: Selection, facts: CollectionFacts | undefined): string | undefined {
  if (where === undefined) return undefined;
  if (facts === undefined) throw new TypeError("A selection by properties or size needs the facts");
  return findFailedCondition(where, facts);
}

interface Takes extends JudgeInput {
  readonly named: ReadonlySet<string>;
  readonly partitionsOf: ReturnType<typeof compilePartitions>;
}

interface Taken {
  readonly collection: InventoryCollection;
  /** The pattern that selects it. */
  readonly by: string | undefined;
  readonly known: CollectionFacts | undefined;
}

function toStep({ named, partitionsOf, consistency }: Takes, { collection, by, known }: Taken): BackUpCollectionStep {
  const { id: collectionId, ...name } = collection;
  const partitions = partitionsOf(name);
  const estimate = consistency === "meta-only" ? NOTHING : known?.estimate;
  const why = [
    `${by ?? "*"} selects it`,
    HOW[consistency],
    partitions && `only its partitions ${partitions.join(", ")}`,
    known && consistency !== "meta-only" && aboutSize(known.estimate, partitions !== undefined),
  ];
  return {
    kind: "back-up-collection",
    id: formatName(name),
    why: why.filter((part) => part !== undefined).join("; "),
    collection: name,
    isNamed: named.has(formatName(name)),
    ...(collectionId !== undefined && { collectionId }),
    ...(partitions && { partitions }),
    ...(known && { schema: known.schema, estimate }),
  };
}

/** The estimate is of the whole collection: which rows are in which partition, nobody has asked. */
function aboutSize(estimate: Estimate, isPart: boolean): string {
  return `${isPart ? "at most " : ""}about ${formatPlural(estimate.rows, "row")}, ${formatBytes(estimate.bytes)}`;
}

const NOTHING: Estimate = { rows: 0, bytes: 0, requests: 0 };

const HOW: Readonly<Record<Consistency, string>> = {
  flush: "flushed first, so that every row so far is in it",
  "skip-flush": "not flushed: rows that Milvus has not persisted yet are not in it",
  "meta-only": "schema only, no rows",
};
