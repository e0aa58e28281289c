import type { WhereConfig } from "./contracts/selection.ts";
import type { Estimate } from "./plan.ts";
import { formatBytes, parseBytes } from "./quantities.ts";

/** What a source knows of a collection without reading its data. */
export interface CollectionFacts {
  readonly properties: Readonly<Record<string, string>>;
  /** sha256, hex, of the schema as the server sent it. */
  readonly schema: string;
  readonly estimate: Estimate;
}

/** Which of the conditions a collection fails, in words; undefined when it meets them all. */
export function findFailedCondition(where: WhereConfig, facts: CollectionFacts): string | undefined {
  const { properties = {}, largerThan, smallerThan } = where;
  for (const [key, wanted] of Object.entries(properties)) {
    const value = Object.hasOwn(facts.properties, key) ? facts.properties[key] : undefined;
    if (value !== wanted) return `its property ${key} is ${value === undefined ? "not set" : value}, not ${wanted}`;
  }
  const { bytes } = facts.estimate;
  const size = `it has about ${formatBytes(bytes)}`;
  if (largerThan !== undefined && bytes <= sizeOf(largerThan)) return `${size}, not more than ${largerThan}`;
  if (smallerThan !== undefined && bytes >= sizeOf(smallerThan)) return `${size}, not less than ${smallerThan}`;
  return undefined;
}

/** The config's schema has let through nothing else. */
function sizeOf(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new TypeError(`Not a size: ${text}`);
  return bytes;
}

/** All of them together; undefined when one is not known. */
export function sumEstimates(estimates: readonly (Estimate | undefined)[]): Estimate | undefined {
  const sum = { rows: 0, bytes: 0, requests: 0 };
  for (const estimate of estimates) {
    if (estimate === undefined) return undefined;
    sum.rows += estimate.rows;
    sum.bytes += estimate.bytes;
    sum.requests += estimate.requests;
  }
  return sum;
}
