import type { Document, Layers } from "./document.ts";
import { isSecretAt } from "./find-secrets.ts";
import { valueAt } from "./map-data.ts";
import { isMap } from "./plain-data.ts";
import type { KeyPath } from "./problem.ts";

/**
 * Lays documents over each other, the last one on top. Maps merge key by key; a list, a text, a number and a secret
 * replace what is below, and null removes it. Where there is nothing to remove, null stays, for the schema to refuse.
 */
export function mergeDocuments(documents: Layers): Document {
  const isReadable = documents.every(({ data }) => data !== undefined);
  const data = isReadable
    ? documents.map((document) => document.data).reduce((below, above) => merge(below, above))
    : undefined;
  return {
    data,
    problems: documents.flatMap(({ problems }) => problems),
    problemAt: (path, message, part) => findOwner(documents, path).problemAt(path, message, part),
    originOf: (path) => (valueAt(data, path) === undefined ? undefined : findOwner(documents, path).originOf(path)),
  };
}

function merge(below: unknown, above: unknown, path: KeyPath = []): unknown {
  if (!isMergeable(below, path) || !isMergeable(above, path)) return above;
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const inherited = merged.get(key) ?? undefined;
    if (value === null && inherited !== undefined) merged.delete(key);
    else merged.set(key, merge(inherited, value, [...path, key]));
  }
  return Object.fromEntries(merged);
}

function isMergeable(value: unknown, path: KeyPath): value is object {
  return isMap(value) && !isSecretAt(path, value);
}

/** The document that a value is from; of a missing one, that which holds the most of the path, the topmost of several. */
function findOwner(documents: Layers, path: KeyPath): Document {
  let owner = documents.reduce((_, document) => document);
  let longest = 0;
  for (const document of documents.toReversed()) {
    const length = lengthInside(document.data, path);
    const held = path.slice(0, length);
    if (length === path.length || !isMergeable(valueAt(document.data, held), held)) return document;
    if (length > longest) [owner, longest] = [document, length];
  }
  return owner;
}

/** How many keys of the path there are, as far as maps go that merge with those below. */
function lengthInside(data: unknown, path: KeyPath): number {
  const missing = path.findIndex((_, index) => {
    const at = path.slice(0, index);
    const holder = valueAt(data, at);
    return !isMergeable(holder, at) || valueAt(holder, path.slice(index, index + 1)) === undefined;
  });
  return missing === -1 ? path.length : missing;
}
