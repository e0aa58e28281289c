import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, isAbsolute } from "node:path";
import { messageOf } from "../core/errors.ts";
import { resolvePath } from "./paths.ts";

/** The absolute path of what a file extends: a file beside it, or the main file of a package that is installed there. */
export async function findBase(name: string, from: string): Promise<string | { readonly fault: string }> {
  const directory = dirname(from);
  const path = resolvePath(directory, name);
  if (isAbsolute(name) || /^(?:\.\.?|~)\//.test(name)) {
    return (await isFile(path)) ? path : { fault: `there is no file ${path}` };
  }
  const found = resolvePackage(name, from);
  if (isAbsolute(found.path)) return found.path;
  return { fault: (await isFile(path)) ? `there is no package "${name}", did you mean "./${name}"?` : found.fault };
}

function resolvePackage(name: string, from: string): { readonly path: string; readonly fault: string } {
  const fault = `there is no package "${name}"; a file begins with ./ or ../`;
  try {
    return { path: createRequire(from).resolve(name), fault }; // no path for what Node brings with it
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "MODULE_NOT_FOUND") return { path: "", fault };
    return { path: "", fault: `the package "${name}" cannot be used: ${messageOf(error)}` };
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && "code" in error) return false; // whatever keeps it from being seen
    throw error;
  }
}
