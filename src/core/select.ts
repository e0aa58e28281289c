import { formatName } from "./collection-name.ts";
import type { CollectionName } from "./collection-name.ts";
import type { Selection } from "./contracts/selection.ts";
import { compileRegExp } from "./regexp.ts";

/** Milvus's own default database; servers before 2.2.9 know no other. */
export const DEFAULT_DATABASE = "default";

export interface Verdict {
  readonly isSelected: boolean;
  /** The pattern that decided; absent when none matched. */
  readonly by?: string | undefined;
}

/** Says of each collection whether it is selected: some include matches and no exclude does, in whatever order. */
export function compileSelection({ include, exclude }: Selection): (collection: CollectionName) => Verdict {
  const findInclude = compileFirst(include);
  const findExclude = compileFirst(exclude);
  return (collection) => {
    const excluded = findExclude(collection);
    if (excluded !== undefined) return { isSelected: false, by: excluded };
    const included = findInclude(collection);
    return included === undefined ? { isSelected: false } : { isSelected: true, by: included };
  };
}

/** Finds the first pattern that matches. Names are looked up: a policy may have ten thousand of them. */
function compileFirst(patterns: readonly string[]): (collection: CollectionName) => string | undefined {
  const names = new Map<string, number>();
  const others: (CompiledPattern & { readonly index: number })[] = [];
  for (const [index, pattern] of patterns.entries()) {
    const name = nameOf(pattern);
    if (name === undefined) others.push({ ...compilePattern(pattern), index });
    else if (!names.has(formatName(name))) names.set(formatName(name), index);
  }
  return (collection) => {
    const named = names.get(keyOf(collection)) ?? Infinity;
    const other = others.find(({ matches }) => matches(collection))?.index ?? Infinity;
    return patterns[Math.min(named, other)];
  };
}

function keyOf({ database, name }: CollectionName): string {
  return formatName({ database: database || DEFAULT_DATABASE, name });
}

/** The patterns that match none of the collections: a named one is then missing, a glob worth a warning. */
export function matchedNothing(patterns: readonly string[], collections: readonly CollectionName[]): readonly string[] {
  const counts = countMatches(patterns, collections);
  return patterns.filter((_, index) => counts[index] === 0);
}

/** How many of the collections each pattern matches, whether it decides or not. */
export function countMatches(patterns: readonly string[], collections: readonly CollectionName[]): readonly number[] {
  const known = new Set(collections.map(keyOf));
  return patterns.map((pattern) => {
    const name = nameOf(pattern);
    if (name !== undefined) return known.has(formatName(name)) ? 1 : 0;
    return collections.filter(compilePattern(pattern).matches).length;
  });
}

/** The one collection that a pattern names, or undefined for a glob or regular expression. */
export function nameOf(pattern: string): CollectionName | undefined {
  return expressionOf(pattern) !== undefined || isGlob(pattern) ? undefined : splitPattern(pattern);
}

/** Why this cannot be a pattern, or undefined when it can. */
export function checkPattern(pattern: string): string | undefined {
  const expression = expressionOf(pattern);
  if (expression !== undefined) return checkExpression(expression);
  const parts = pattern.split(".");
  if (parts.length > 2) return "a pattern has at most one dot: database.collection";
  if (parts.includes("")) return "a pattern has no empty part: database.collection";
  if (/[^\w$*?.]/.test(pattern))
    return "a pattern holds names, * for any letters and ? for one, or is a regular expression: /…/";
  return undefined;
}

/** Whether it matches by letters that stand for others, rather than being the name itself. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Whether this can be a glob on names that have no dot. */
export function checkGlob(glob: string): boolean {
  return /^[\w$*?]+$/.test(glob);
}

/** Of names that have no dot, such as those of partitions: by globs, and by nothing else. */
export function compileGlobs(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => matchesGlob(name, glob));
}

function checkExpression(expression: string): string | undefined {
  try {
    compileRegExp(expression);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** What stands between the slashes of a regular expression. */
function expressionOf(pattern: string): string | undefined {
  return /^\/(.+)\/$/s.exec(pattern)?.[1];
}

interface CompiledPattern {
  readonly pattern: string;
  matches(collection: CollectionName): boolean;
}

function compilePattern(pattern: string): CompiledPattern {
  const expression = expressionOf(pattern);
  if (expression !== undefined) {
    const matchesWhole = compileRegExp(expression);
    return { pattern, matches: ({ database, name }) => matchesWhole(`${database || DEFAULT_DATABASE}.${name}`) };
  }
  const globs = splitPattern(pattern);
  const matches = ({ database, name }: CollectionName): boolean =>
    matchesGlob(database === "" ? DEFAULT_DATABASE : database, globs.database) && matchesGlob(name, globs.name);
  return { pattern, matches };
}

function splitPattern(pattern: string): CollectionName {
  const dot = pattern.indexOf(".");
  if (dot === -1) return { database: DEFAULT_DATABASE, name: pattern };
  return { database: pattern.slice(0, dot), name: pattern.slice(dot + 1) };
}

/** Without a regular expression, so that no pattern takes more than length × length steps. */
function matchesGlob(text: string, glob: string): boolean {
  let [position, star, starredFrom] = [0, -1, 0];
  let index = 0;
  while (index < text.length) {
    if (glob[position] === "*") {
      [star, starredFrom] = [position, index];
      position += 1;
    } else if (glob[position] === "?" || glob[position] === text[index]) {
      position += 1;
      index += 1;
    } else if (star === -1) {
      return false;
    } else {
      starredFrom += 1; // the last star takes one letter more
      [position, index] = [star + 1, starredFrom];
    }
  }
  return /^\**$/.test(glob.slice(position));
}
