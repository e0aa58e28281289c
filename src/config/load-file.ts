import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { messageOf } from "../core/errors.ts";
import type { Document } from "./document.ts";
import { typeName } from "./explain.ts";
import { valueAt } from "./map-data.ts";
import type { ModuleLoader } from "./load-module.ts";
import type { ParsedText } from "./parse-text.ts";
import { isMap, toPlainData } from "./plain-data.ts";
import type { KeyPath, Position, Problem } from "./problem.ts";

/** A config or policy file as it was read. */
export interface LoadedFile extends Document {
  /** Absolute. */
  readonly path: string;
}

/** The files that can hold a config or a policy. */
export const CONFIG_EXTENSIONS = [".ts", ".js", ".mjs", ".json", ".yaml", ".yml"] as const;

/** The part of a package.json that is ours. */
export const PACKAGE_KEY = "milvus-backup";

export async function loadFile(path: string, loadModule: ModuleLoader): Promise<LoadedFile> {
  return /\.[mc]?[jt]s$/.test(path) ? loadCode(path, loadModule) : loadText(path);
}

async function loadCode(path: string, loadModule: ModuleLoader): Promise<LoadedFile> {
  const loaded = await loadModule(path);
  if (loaded.kind === "data") return toFile(path, loaded.data);
  const { line, column, message } = loaded;
  return brokenFile(path, [{ message, position: line === undefined ? undefined : { line, column } }]);
}

async function loadText(path: string): Promise<LoadedFile> {
  const text = await readText(path);
  if (typeof text !== "string") return brokenFile(path, [{ message: text.fault }]);
  const { parseText } = await import("./parse-text.ts"); // yaml is 70 modules that a config in TypeScript does not need
  const { data, locate, problems } = parseText(text, extname(path) === ".json" ? "json" : "yaml");
  if (problems.length > 0) return brokenFile(path, problems);
  const base = basename(path) === "package.json" ? [PACKAGE_KEY] : [];
  return toFile(path, valueAt(data, base), (keys, part) => locate([...base, ...keys], part));
}

type Locate = ParsedText["locate"];

function toFile(path: string, written: unknown, locate?: Locate): LoadedFile {
  const problemAt: LoadedFile["problemAt"] = (keys, message, part = "value") => ({
    file: path,
    path: keys,
    message,
    ...(locate && { locate: () => locate(keys, part) }),
  });
  const refused = (message: string): LoadedFile => ({ ...brokenFile(path, []), problems: [problemAt([], message)] });
  if (written === undefined || written === null) return refused("it is empty");
  const { data, faults } = toPlainData(written);
  if (data !== undefined && !isMap(data)) return refused(`expected a map, got ${typeName(data)}`);
  const originOf = (keys: KeyPath): ReturnType<LoadedFile["originOf"]> => {
    if (valueAt(data, keys) === undefined) return undefined;
    const position = locate?.(keys, "value");
    return { file: path, path: keys, line: position?.line, column: position?.column };
  };
  const problems = faults.map(({ path: keys, message }) => problemAt(keys, message));
  return { path, data: data && withoutExtensions(data), problems, problemAt, originOf };
}

interface FileFault {
  readonly message: string;
  readonly position?: Position | undefined;
}

function brokenFile(path: string, faults: readonly FileFault[]): LoadedFile {
  const problemAt: LoadedFile["problemAt"] = (keys, message) => ({ file: path, path: keys, message });
  const problems = faults.map(({ message, position }): Problem => ({
    ...problemAt([], message),
    ...(position && { locate: () => position }),
  }));
  return { path, data: undefined, problems, problemAt, originOf: () => undefined };
}

/** Keys at the top that are for others: `x-…` is the user's own, to hold YAML anchors, `$schema` is the editor's. */
function withoutExtensions(data: object): unknown {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith("x-") && key !== "$schema"));
}

/** More is no config, and takes long to parse. */
const MAX_BYTES = 1024 * 1024;

async function readText(path: string): Promise<string | { readonly fault: string }> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return { fault: "it is not a file" };
    if (info.size > MAX_BYTES) return { fault: `it has ${info.size} bytes, and 1 MiB is the most that is read` };
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) return { fault: "it is not UTF-8 text" };
    return { fault: `it cannot be read: ${messageOf(error)}` };
  }
}
