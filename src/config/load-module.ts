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
      const run = async (): Promise<LoadedModule> => defaultOf(await load<object>(path, parentIn(folder)));
      return await withoutSideEffects(() => withinTime(run));
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

const TIMEOUT_MS = 30_000;

/** A module may wait for what never comes. */
async function withinTime<T>(run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const error = new Error(`it took more than ${TIMEOUT_MS / 1000} s`);
    timer = setTimeout(() => reject(error), TIMEOUT_MS);
  });
  try {
    return await Promise.race([run(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** How many are being loaded: programs load several configs at once, and only the last one may undo what the first did. */
let loading = 0;
let undo = (): void => {};

/**
 * What a config prints goes to stderr, since stdout carries the command's result only; and it cannot end the process,
 * which would look like success when nothing was done.
 */
async function withoutSideEffects<T>(run: () => Promise<T>): Promise<T> {
  if (loading === 0) undo = guardProcess();
  loading += 1;
  try {
    return await run();
  } finally {
    loading -= 1;
    if (loading === 0) undo();
  }
}

function guardProcess(): () => void {
  const { log, info, debug, error } = console;
  const { exit, stdout } = process;
  const { write } = stdout;
  Object.assign(console, { log: error, info: error, debug: error }); // Deno's do not use the stream
  stdout.write = process.stderr.write.bind(process.stderr);
  process.exit = refuseExit;
  return () => {
    Object.assign(console, { log, info, debug });
    stdout.write = write;
    process.exit = exit;
  };
}

function refuseExit(): never {
  throw new Error("a config must not call process.exit");
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
