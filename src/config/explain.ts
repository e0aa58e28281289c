import type { z } from "zod";
import { didYouMean } from "../core/nearest.ts";
import { valueAt } from "./map-data.ts";
import type { Part } from "./parse-text.ts";
import type { KeyPath } from "./problem.ts";
import { findKeys } from "./schema-keys.ts";

export interface Explanation {
  readonly path: KeyPath;
  readonly message: string;
  readonly part: Part;
}

type Issue = z.core.$ZodIssue;

/**
 * What a schema found, in words. Values are quoted from the data as written, where a variable is still `${NAME}`: what
 * an environment variable holds may be a secret.
 */
export function explainIssues(issues: readonly Issue[], schema: z.ZodType, written: unknown): readonly Explanation[] {
  return issues.flatMap((issue) => explainIssue(issue, schema, written));
}

function explainIssue(issue: Issue, schema: z.ZodType, written: unknown): readonly Explanation[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...issue.path, key], key, findKeys(schema, issue.path)));
    case "invalid_union":
      return explainUnion(issue, schema, written);
    case "invalid_key":
      return issue.issues.map(({ message }) => ({ path: issue.path, message, part: "key" as const }));
    case "invalid_type":
      return [explainType(issue, written)];
    case "invalid_value":
      return [explainValue(issue, written)];
    default:
      return [{ path: issue.path, message: lowerFirst(issue.message), part: "value" }];
  }
}

function unknownKey(path: KeyPath, key: string, known: readonly string[]): Explanation {
  const near = didYouMean(key, known);
  const expected = near === "" && known.length > 0 ? `, expected ${listOf(known)}` : near;
  return { path, message: `unknown key "${key}"${expected}`, part: "key" };
}

function explainType(issue: Extract<Issue, { code: "invalid_type" }>, written: unknown): Explanation {
  const { path, expected } = issue;
  const value = valueAt(written, path);
  const wanted = nameOfType(expected);
  const message =
    value === undefined && path.length > 0
      ? `missing key "${String(path.at(-1))}", expected ${wanted}`
      : `expected ${wanted}, got ${typeName(value)}`;
  return { path, message, part: "value" };
}

function explainValue(issue: Extract<Issue, { code: "invalid_value" }>, written: unknown): Explanation {
  const { path, values } = issue;
  const value = valueAt(written, path);
  const expected = `expected ${listOf(values.map((allowed) => JSON.stringify(allowed) ?? String(allowed)))}`;
  if (value === undefined) return { path, message: `missing key "${String(path.at(-1))}", ${expected}`, part: "value" };
  const near =
    typeof value === "string"
      ? didYouMean(
          value,
          values.filter((allowed) => typeof allowed === "string"),
        )
      : "";
  return { path, message: expected + near, part: "value" };
}

/** Of the ways a union allows, the one of the value's type with the fewest faults: it is what was probably meant. */
function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  schema: z.ZodType,
  written: unknown,
): readonly Explanation[] {
  if (issue.message !== "Invalid input") return [{ path: issue.path, message: issue.message, part: "value" }];
  const types = new Set(issue.errors.map(wrongType));
  if (types.size > 0 && !types.has(undefined)) {
    const value = valueAt(written, issue.path);
    return [
      { path: issue.path, message: `expected ${[...types].join(" or ")}, got ${typeName(value)}`, part: "value" },
    ];
  }
  const fitting = issue.errors.filter((inner) => wrongType(inner) === undefined);
  const ways = fitting.map((inner) => {
    const issues = inner.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
    return explainIssues(issues, schema, written);
  });
  return ways.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** The type that a way of a union wants, where the value is not even of that type. */
function wrongType(issues: readonly Issue[]): string | undefined {
  const [first] = issues;
  return first?.code === "invalid_type" && first.path.length === 0 ? nameOfType(first.expected) : undefined;
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "a map"],
  ["record", "a map"],
]);

function nameOfType(type: string): string {
  return TYPE_NAMES.get(type) ?? type;
}

/** What a value is, in words. */
export function typeName(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (value === undefined || value === null) return "nothing";
  return nameOfType(Array.isArray(value) ? "array" : typeof value);
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
