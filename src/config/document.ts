import type { Part } from "./parse-text.ts";
import { valueAt } from "./map-data.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** Where a value was written. */
export interface Origin {
  /** Absolute. */
  readonly file: string;
  /** Of the value in that file. */
  readonly path: KeyPath;
  /** Counted from 1; absent where the file is code. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Data as it was written, and the place of everything in it: one file, a part of one, or several in layers. */
export interface Document {
  /** Plain, without variables replaced; undefined when it could not be read. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  problemAt(path: KeyPath, message: string, part?: Part): Problem;
  /** Undefined when nothing is there: a default stands in no file. */
  originOf(path: KeyPath): Origin | undefined;
}

/** Documents that are laid over each other, the last one on top. */
export type Layers = readonly [...below: Document[], top: Document];

/** What a document holds at a path, as a document of its own. */
export function partOf(document: Document, at: KeyPath): Document {
  const anchor = document.problemAt(at, "");
  const isInside = ({ file, path }: Problem): boolean => file === anchor.file && isWithin(path, anchor.path);
  return {
    data: valueAt(document.data, at),
    problems: document.problems.filter(isInside),
    problemAt: (path, message, part) => document.problemAt([...at, ...path], message, part),
    originOf: (path) => document.originOf([...at, ...path]),
  };
}

/** The document without one of the keys at its top. */
export function withoutKey(document: Document, key: string): Document {
  const { data } = document;
  if (valueAt(data, [key]) === undefined) return document;
  return { ...document, data: Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => name !== key)) };
}

export function isWithin(path: KeyPath, outer: KeyPath): boolean {
  return outer.every((key, index) => path[index] === key);
}
