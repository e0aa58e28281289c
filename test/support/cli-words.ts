import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoFlags, IS_DENO } from "./deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Program and arguments that are the tool, from source and in any folder; its own words come behind them. The permissions
 * are what Deno must permit besides everything that the README lists; all: without a limit, as who is to read /proc needs it.
 */
export function cliWords(permissions: readonly string[] | "all" = []): readonly string[] {
  const allowed = permissions === "all" ? ["-A"] : [...denoFlags("everything"), ...permissions];
  return programWords(`${root}src/cli.ts`, allowed);
}

/** Program and arguments that run a TypeScript file of this repository, from source and in any folder. */
export function programWords(file: string, allowed: readonly string[] = ["-A"]): readonly string[] {
  const runtime = IS_DENO
    ? ["run", "--config", `${root}deno.json`, ...allowed]
    : ["--import", import.meta.resolve("tsx"), "--conditions=source"];
  return [process.execPath, ...runtime, file];
}
