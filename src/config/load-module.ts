import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { Jiti } from "jiti";
import { messageOf } from "../core/errors.ts";

/** What `import … from "milvus-backup"` gives in a config, by specifier: the running tool, whatever the user installed. */
export type VirtualModules = Readonly<Record<string, () => Promise<object>>>;

type LoadedModule =
  | { readonly kind: "data"; readonly data: unknown }
  | { readonly kind: "fault"; readonly message: string; readonly line?: number; readonly column?: number };

/** Of a path, or of a package as the modules in the folder see it. */
export type ModuleLoader = (path: string, folder?: string) => Promise<LoadedModule>;

/** Gives a function that runs a TypeScript or JavaScript file and gives its default export. */
export function createModuleLoader(modules: VirtualModules): ModuleLoader {
  let jiti: Promise<Jiti> | undefined;
  return async (path, folder) => {
    jiti ??= startJiti(modules);
    const { import: load } = await jiti;
    try {
      return await withQuietStdout(async () => defaultOf(await load<object>(path, parentIn(folder))));
    } catch (error) {
      return { kind: "fault", ...describeFailure(error, path) };
    }
  };
}

function parentIn(folder: string | undefined): { readonly parentURL?: URL } {
  return folder === undefined ? {} : { parentURL: pathToFileURL(join(folder, "milvus-backup.config.js")) };
}

/** Only when it is needed: it is slow to import, and many configs are YAML. */
async function startJiti(modules: VirtualModules): Promise<Jiti> {
  const { createJiti } = await import("jiti");
  const entries = Object.entries(modules).map(async ([name, load]) => [name, await load()] as const);
  const virtualModules = Object.fromEntries(await Promise.all(entries));
  return createJiti(import.meta.url, { fsCache: false, moduleCache: false, interopDefault: false, virtualModules });
}

async function defaultOf(exported: object): Promise<LoadedModule> {
  if ("default" in exported) return { kind: "data", data: await exported.default };
  const isCommonJs = !("__esModule" in exported || Symbol.toStringTag in exported) && Object.keys(exported).length > 0;
  return isCommonJs ? { kind: "data", data: exported } : { kind: "fault", message: "it has no default export" };
}

/** What a config prints goes to stderr: stdout carries the command's result only. */
async function withQuietStdout<T>(run: () => Promise<T>): Promise<T> {
  const { log, info, debug, error } = console;
  const write = process.stdout.write;
  Object.assign(console, { log: error, info: error, debug: error }); // Deno's do not use the stream
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await run();
  } finally {
    Object.assign(console, { log, info, debug });
    process.stdout.write = write;
  }
}

/**
 * With the place in the file: a syntax error has it in its message, columns from 0; another error has it in its stack,
 * where only the line is that of the file as written.
 */
function describeFailure(error: unknown, path: string): { message: string; line?: number; column?: number } {
  const [firstLine = ""] = messageOf(error).split("\n");
  const message = `it cannot be loaded: ${firstLine.replace(/^ParseError: /, "").trim()}`;
  if (!(error instanceof Error)) return { message };
  const [line, column] = findPlace(error.message, path);
  if (line !== undefined && column !== undefined) return { message, line, column: column + 1 };
  const [stackLine] = findPlace(error.stack ?? "", path);
  return stackLine === undefined ? { message } : { message, line: stackLine };
}

function findPlace(trace: string, path: string): readonly number[] {
  const [, place = ""] = trace.split(`${path}:`);
  return (/^(\d+):(\d+)/.exec(place) ?? []).slice(1).map(Number);
}
