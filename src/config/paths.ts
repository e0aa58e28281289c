import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isProvidedSecret } from "./find-secrets.ts";
import { mapData } from "./map-data.ts";
import type { KeyPath } from "./problem.ts";

/** An absolute path; `~` is the home directory, all else is relative to the directory. */
export function resolvePath(directory: string, path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(directory, path);
}

/**
 * The options of a storage with absolute paths. The host knows no plugin's options, so a path is what says so: the
 * option `path`, and any text that starts with `./`, `../` or `~/`. The options of a secret provider stay as they are:
 * in `auth`, too, nobody knows which of them are paths.
 */
export function resolvePaths(
  options: Readonly<Record<string, unknown>>,
  directory: string,
): Readonly<Record<string, unknown>> {
  const resolveText = (value: unknown, path: KeyPath): unknown => {
    if (isProvidedSecret(value)) return value;
    if (typeof value !== "string" || value === "") return undefined;
    const isPath = path.at(-1) === "path" || /^(?:\.\.?|~)\//.test(value);
    return isPath ? resolvePath(directory, value) : undefined;
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, mapData(value, resolveText, [key])]));
}
