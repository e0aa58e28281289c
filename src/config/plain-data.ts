import { isPlugin } from "../core/contracts/plugin.ts";
import type { KeyPath } from "./problem.ts";

interface Fault {
  readonly path: KeyPath;
  readonly message: string;
}

/**
 * The data without what is no data, and without undefined values; files of every kind give the same kinds of values. A
 * plugin is taken as it is.
 */
export function toPlainData(data: unknown): { readonly data: unknown; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const refuse = (path: KeyPath, message: string): undefined => void faults.push({ path, message });
  return { data: clean(data, [], { refuse, holders: new Set() }), faults };
}

const MAX_DEPTH = 100;

interface Cleaning {
  refuse(path: KeyPath, message: string): undefined;
  /** The objects around the value, to notice a cycle. */
  readonly holders: Set<object>;
}

function clean(value: unknown, path: KeyPath, cleaning: Cleaning): unknown {
  if (value === null || ["string", "boolean", "number"].includes(typeof value) || isPlugin(value)) return value;
  const { holders, refuse } = cleaning;
  if (!isMap(value) && !Array.isArray(value)) return refuse(path, `expected plain data, got ${describeValue(value)}`);
  if (holders.has(value)) return refuse(path, "this value contains itself");
  if (holders.size > MAX_DEPTH) return refuse(path, `this is nested deeper than ${MAX_DEPTH} levels`);
  holders.add(value);
  const cleaned = Array.isArray(value)
    ? value.map((item, index) => clean(item, [...path, index], cleaning))
    : cleanMap(value, path, cleaning);
  holders.delete(value);
  return cleaned;
}

function cleanMap(value: object, path: KeyPath, cleaning: Cleaning): unknown {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const allowed = entries.filter(([key]) => key !== "__proto__");
  if (allowed.length < entries.length) cleaning.refuse(path, "the key __proto__ is not allowed");
  return Object.fromEntries(allowed.map(([key, item]) => [key, clean(item, [...path, key], cleaning)]));
}

/** An object of no class. */
export function isMap(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describeValue(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === undefined ? "nothing" : `a ${typeof value}`;
  return value.constructor.name === "" ? "an object of a class" : `a ${value.constructor.name}`;
}
