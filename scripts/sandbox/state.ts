import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import type { SandboxEnvironment } from "./environment.ts";
import { sandboxFolder, statePath } from "./paths.ts";

/** A process that the sandbox started; pid and start time together are never used twice. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks after boot, from /proc/PID/stat. */
  readonly startTime: string;
  /** What clients connect to, `host:port`. */
  readonly address: string;
  /** All of them answer with status 200 when the process is fit for use. */
  readonly healthUrls: readonly string[];
  /** Files outside the data folder that it leaves behind when it ends. */
  readonly leftovers: readonly string[];
}

export interface SandboxState {
  /** `starting` is also what a killed `up` leaves behind: whatever it names must be stopped. */
  readonly status: "starting" | "up";
  readonly dataFolder: string;
  readonly processes: readonly StartedProcess[];
  readonly environment: SandboxEnvironment;
}

/** The last written state, or undefined when nothing was started; a damaged file counts as nothing. */
export async function findState(): Promise<SandboxState | undefined> {
  try {
    return JSON.parse(await readFile(statePath, "utf8")) as SandboxState; // nobody else writes it
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function writeState(state: SandboxState): Promise<void> {
  await mkdir(sandboxFolder, { recursive: true });
  await writeFile(`${statePath}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 }); // it holds the S3 secret
  await rename(`${statePath}.new`, statePath);
}
