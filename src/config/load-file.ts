import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { messageOf } from "../core/errors.ts";
import { valueAt } from "./map-data.ts";
import type { ModuleLoader } from "./load-module.ts";
import { type Part, parseText } from "./parse-text.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** A config or policy file as it was read. */
export interface LoadedFile {
  /** Absolute. */
  readonly path: string;
  /** As written, without variables replaced; undefined when there are problems. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  problemAt(path: KeyPath, message: string, part?: Part): Problem;
}

/** The files that can hold a config or a policy. */
export const CONFIG_EXTENSIONS = [".ts", ".js", ".mjs", ".json", ".yaml", ".yml"] as const;

/** The part of a package.json that is ours. */
export const PACKAGE_KEY = "milvus-backup";

export async function loadFile(path: string, loadModule: ModuleLoader): Promise<LoadedFile> {
  return /\.[mc]?[jt]s$/.test(path) ? loadCode(path, loadModule) : loadText(path);
}

async function loadCode(path: string, loadModule: ModuleLoader): Promise<LoadedFile> {
  const problemAt: LoadedFile["problemAt"] = (keys, message) => ({ file: path, path: keys, message });
  const loaded = await loadModule(path);
  if (loaded.kind === "data") return { path, data: loaded.data, problems: [], problemAt };
  const { line, column, message } = loaded;
  const locate = line === undefined ? {} : { locate: () => ({ line, column }) };
  return { path, data: undefined, problems: [{ ...problemAt([], message), ...locate }], problemAt };
}

async function loadText(path: string): Promise<LoadedFile> {
  const text = await readText(path);
  if (typeof text !== "string") {
    const problemAt: LoadedFile["problemAt"] = (keys, message) => ({ file: path, path: keys, message });
    return { path, data: undefined, problems: [problemAt([], text.fault)], problemAt };
  }
  const { data, locate, problems } = parseText(text, extname(path) === ".json" ? "json" : "yaml");
  const base = basename(path) === "package.json" ? [PACKAGE_KEY] : [];
  const problemAt: LoadedFile["problemAt"] = (keys, message, part = "value") => ({
    file: path,
    path: keys,
    message,
    locate: () => locate([...base, ...keys], part),
  });
  return {
    path,
    data: valueAt(data, base),
    problems: problems.map(({ message, position }) => ({ ...problemAt([], message), locate: () => position })),
    problemAt,
  };
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
