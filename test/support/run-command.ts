import { PassThrough } from "node:stream";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";
import type { CommandDeps } from "../../src/commands/command.ts";
import { parseCommand } from "../../src/commands/parse.ts";
import { toEventError } from "../../src/core/event-error.ts";
import { EXIT_STATUS } from "../../src/core/errors.ts";

export interface CommandResult {
  readonly status: number;
  /** What the command printed to stdout. */
  readonly stdout: string;
  /** What went to stderr besides progress: warnings, then the error and its hint. */
  readonly stderr: string;
}

export interface CommandPlace {
  /** The folder that holds the config. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a command in this process as cli.ts does in its own: `runCommand(place, "restore", "b1", "--json")`. */
export async function runCommand(
  place: CommandPlace,
  name: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  const load = COMMAND_LOADERS[name];
  if (load === undefined) throw new TypeError(`There is no command ${name}`);
  const command = await load();
  const stdout: string[] = [];
  const stderr: string[] = [];
  const progress = Object.assign(new PassThrough().resume(), { isTTY: false, columns: 80 });
  const deps: CommandDeps = {
    cwd: place.cwd,
    env: place.env ?? {},
    signal: place.signal ?? new AbortController().signal,
    now: () => new Date(),
    print: (line) => stdout.push(line),
    warn: (line) => stderr.push(line),
    progress: progress as unknown as NodeJS.WriteStream, // as much of one as listr2 uses
  };
  let status: number;
  try {
    status = await command.run(deps, parseCommand(command, args));
  } catch (error) {
    const { code, message, hint } = toEventError(error);
    if (code === "bug") throw error;
    status = EXIT_STATUS[code];
    stderr.push(`error: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`]));
  }
  return { status, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
}
