import type { CollectionName } from "./collection-name.ts";
import type { Selection } from "./contracts/config.ts";

/** Milvus's own default database; servers before 2.2.9 know no other. */
export const DEFAULT_DATABASE = "default";

export interface Verdict {
  readonly isSelected: boolean;
  /** The pattern that decided; absent when none matched. */
  readonly by?: string | undefined;
}

/** Says of each collection whether it is selected: some include matches and no exclude does, in whatever order. */
export function compileSelection({ include, exclude }: Selection): (collection: CollectionName) => Verdict {
  const includes = include.map(compilePattern);
  const excludes = exclude.map(compilePattern);
  return (collection) => {
    const excluded = excludes.find(({ matches }) => matches(collection));
    if (excluded !== undefined) return { isSelected: false, by: excluded.pattern };
    const included = includes.find(({ matches }) => matches(collection));
    return included === undefined ? { isSelected: false } : { isSelected: true, by: included.pattern };
  };
}

/** The patterns that match none of the collections: a named one is then missing, a glob worth a warning. */
export function matchedNothing(patterns: readonly string[], collections: readonly CollectionName[]): readonly string[] {
  return patterns.filter((pattern) => !collections.some(compilePattern(pattern).matches));
}

/** The one collection that a pattern names, or undefined for a glob. */
export function nameOf(pattern: string): CollectionName | undefined {
  return /[*?]/.test(pattern) ? undefined : splitPattern(pattern);
}

/** Why this cannot be a pattern, or undefined when it can. */
export function checkPattern(pattern: string): string | undefined {
  const parts = pattern.split(".");
  if (parts.length > 2) return "a pattern has at most one dot: database.collection";
  if (parts.includes("")) return "a pattern has no empty part: database.collection";
  if (/[^\w$*?.]/.test(pattern)) return "a pattern holds names, * for any letters and ? for one";
  return undefined;
}

interface CompiledPattern {
  readonly pattern: string;
  matches(collection: CollectionName): boolean;
}

function compilePattern(pattern: string): CompiledPattern {
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
