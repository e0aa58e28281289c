import { isPlugin } from "../core/contracts/plugin.ts";
import { mapData } from "./map-data.ts";
import type { KeyPath } from "./problem.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  /** The same data with every variable replaced. */
  readonly data: unknown;
  readonly faults: readonly { readonly path: KeyPath; readonly message: string }[];
}

/** Replaces `${NAME}` and `${NAME:-default}` in all strings of plain data; `$${` stands for `${`. A plugin is taken as it is. */
export function expandVariables(data: unknown, env: Environment): Expanded {
  const faults: { path: KeyPath; message: string }[] = [];
  const expanded = mapData(data, (value, path) => {
    if (isPlugin(value)) return value;
    if (typeof value !== "string") return undefined;
    return expandText(value, env, (message) => void faults.push({ path, message }));
  });
  return { data: expanded, faults };
}

/** The same data so that expandVariables() gives it back: what begins a variable by chance is marked as text. */
export function escapeVariables<T>(data: T): T {
  return mapData(data, (value) => (typeof value === "string" ? value.replaceAll("${", () => "$${") : undefined)) as T; // texts stay texts
}

/** `$${` first, then a whole variable, then a `${` that starts none. */
const VARIABLE = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-([^}]*))?\})?/g;

function expandText(text: string, env: Environment, report: (message: string) => void): string {
  return text.replaceAll(VARIABLE, (match: string, name?: string, fallback?: string) => {
    if (match === "$${") return "${";
    if (name === undefined) {
      report("expected ${NAME} or ${NAME:-default}; for the letters ${ themselves write $${");
      return match;
    }
    const value = env[name];
    if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
    if (value === undefined) report(`the environment variable ${name} is not set and has no default`);
    return value ?? "";
  });
}
