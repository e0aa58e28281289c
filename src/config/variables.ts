import { isPlugin } from "../core/contracts/plugin.ts";
import type { KeyPath } from "./problem.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  /** The same data with every variable replaced, undefined values left out. */
  readonly data: unknown;
  readonly problems: readonly { readonly path: KeyPath; readonly message: string }[];
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in all strings; `$${` stands for `${`. What is neither plain data nor a
 * plugin is refused: files of every kind give the same kinds of values.
 */
export function expandVariables(data: unknown, env: Environment): Expanded {
  const problems: { path: KeyPath; message: string }[] = [];
  const report = (path: KeyPath, message: string): undefined => void problems.push({ path, message });
  return { data: expand(data, [], { env, report, holders: new Set() }), problems };
}

const MAX_DEPTH = 100;

interface Expansion {
  readonly env: Environment;
  report(path: KeyPath, message: string): undefined;
  /** The objects around the value, to notice a cycle. */
  readonly holders: Set<object>;
}

function expand(value: unknown, path: KeyPath, expansion: Expansion): unknown {
  if (typeof value === "string") return expandString(value, path, expansion);
  if (isLeaf(value)) return value;
  if (!isPlainObject(value) && !Array.isArray(value)) {
    return expansion.report(path, `expected plain data, got ${describeValue(value)}`);
  }
  const { holders } = expansion;
  if (holders.has(value)) return expansion.report(path, "this value contains itself");
  if (holders.size > MAX_DEPTH) return expansion.report(path, `this is nested deeper than ${MAX_DEPTH} levels`);
  holders.add(value);
  const expanded = Array.isArray(value)
    ? value.map((item, index) => expand(item, [...path, index], expansion))
    : expandObject(value, path, expansion);
  holders.delete(value);
  return expanded;
}

function expandObject(value: object, path: KeyPath, expansion: Expansion): unknown {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const allowed = entries.filter(([key]) => key !== "__proto__");
  if (allowed.length < entries.length) expansion.report(path, "the key __proto__ is not allowed");
  return Object.fromEntries(allowed.map(([key, item]) => [key, expand(item, [...path, key], expansion)]));
}

/** `$${` first, then a whole variable, then a `${` that starts none. */
const VARIABLE = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-([^}]*))?\})?/g;

function expandString(text: string, path: KeyPath, { env, report }: Expansion): string {
  return text.replaceAll(VARIABLE, (match: string, name?: string, fallback?: string) => {
    if (match === "$${") return "${";
    if (name === undefined) {
      report(path, "expected ${NAME} or ${NAME:-default}; for the letters ${ themselves write $${");
      return match;
    }
    const value = env[name];
    if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
    if (value === undefined) report(path, `the environment variable ${name} is not set and has no default`);
    return value ?? "";
  });
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describeValue(value: unknown): string {
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  return value.constructor.name === "" ? "an object of a class" : `a ${value.constructor.name}`;
}

/** What has no strings to look into: a plugin is taken as it is. */
function isLeaf(value: unknown): boolean {
  return value === null || typeof value === "boolean" || typeof value === "number" || isPlugin(value);
}
