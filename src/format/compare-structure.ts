import type { CollectionMeta } from "./meta.ts";
import { PROPERTIES, structureOf, WHOLE } from "./structure.ts";
import type { Part } from "./structure.ts";

/** One thing in which a collection is not what was asked for, rows apart. */
export interface StructureDifference {
  /** `field title: max_length`, `partition spring`. */
  readonly what: string;
  /** Undefined where nothing was asked for. */
  readonly expected: string | undefined;
  /** Undefined where nothing is there. */
  readonly found: string | undefined;
  /** Servers add parameters of their own, choose an automatic index, and lose what their version does not know. */
  readonly isServers: boolean;
}

/** What a server's version may not know, in the words of a difference. */
export type Unknown = "default value" | "function" | "function output";

/** Compares a collection as Milvus describes it with what was asked of it, rows, aliases and load state apart. */
export function compareStructure(
  expected: CollectionMeta,
  found: CollectionMeta,
  unknown: readonly Unknown[] = [],
): readonly StructureDifference[] {
  const [wanted, given] = [structureOf(expected), structureOf(found)];
  return keysOf(wanted, given).flatMap((name) => {
    const differences = compareParts(name, wanted.get(name), given.get(name));
    return differences.map((one) => ({ ...one, isServers: one.isServers || isUnknown(one, unknown) }));
  });
}

export function formatStructureDifference({ what, expected, found }: StructureDifference): string {
  if (found === undefined) return `${what} is not there${expected === THERE ? "" : `, it was ${expected}`}`;
  if (expected === undefined) return `${what} is ${found}, and is not in the backup`;
  return `${what} is ${found}, not ${expected}`;
}

const THERE = "there";
const AUTOMATIC = "AUTOINDEX";
/** The partition that no collection is without: a backup of some partitions may lack it. */
const MADE_WITH_IT = "partition _default";

function compareParts(
  name: string,
  expected: Part | undefined,
  found: Part | undefined,
): readonly StructureDifference[] {
  if (expected === undefined || found === undefined) {
    const isServers = expected === undefined && name === MADE_WITH_IT;
    return [{ what: name, expected: expected && THERE, found: found && THERE, isServers }];
  }
  const isAutomatic = expected.parameters.get("index_type") === AUTOMATIC;
  const aspects = compareMaps(expected.aspects, found.aspects).map((one) => ({ ...one, isServers: false }));
  const parameters = compareMaps(expected.parameters, found.parameters).map((one) => ({
    ...one,
    isServers: one.expected === undefined || (isAutomatic && one.what !== "metric_type"),
  }));
  return [...aspects, ...parameters].map((one) => ({ ...one, what: whatOf(name, one.what) }));
}

function compareMaps(
  expected: Part["aspects"],
  found: Part["aspects"],
): readonly Omit<StructureDifference, "isServers">[] {
  return keysOf(expected, found).flatMap((what) => {
    const [wanted, given] = [expected.get(what), found.get(what)];
    return wanted === given ? [] : [{ what, expected: wanted, found: given }];
  });
}

function keysOf(...maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))];
}

function whatOf(part: string, aspect: string): string {
  if (part === WHOLE) return aspect;
  return part === PROPERTIES ? `property ${aspect}` : `${part}: ${aspect}`;
}

function isUnknown({ what, found }: StructureDifference, unknown: readonly Unknown[]): boolean {
  return found === undefined && unknown.some((words) => what.startsWith(`${words} `) || what.endsWith(`: ${words}`));
}
