import { PassThrough } from "node:stream";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";
import type { CommandDeps } from "../../src/commands/command.ts";
import { parseCommand } from "../../src/commands/parse.ts";
import { openPretty, type Stderr } from "../../src/commands/stderr.ts";
import { streamSchema } from "../../src/report/stream-schema.ts";
import { toEventError } from "../../src/core/event-error.ts";

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
  readonly now?: () => Date;
  readonly patience?: CommandDeps["patience"];
  /** What answers questions, as somebody at a terminal. */
  readonly ask?: CommandDeps["ask"];
  /** In place of lines for people, which the result then does not have. */
  readonly log?: Stderr;
}

/** Every line that a test sees printed with --json is one of the published stream, however it was brought about. */
function checkLine(line: string): void {
  const { error } = streamSchema.safeParse(JSON.parse(line));
  if (error !== undefined) throw new Error(`Not a line of the stream: ${line}\n${error.message}`);
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
  const deps = createDeps(place, { stdout, stderr });
  let status: number;
  try {
    status = await command.run(deps, parseCommand(command, args));
  } catch (error) {
    if (toEventError(error).code === "bug") throw error;
    status = deps.fail(error);
  }
  const isStream =
    "log-format" in command.options &&
    args.includes("--json") &&
    !args.includes("--dry-run") &&
    (!["prune", "gc"].includes(name) || args.includes("--yes"));
  if (isStream) for (const line of stdout) checkLine(line);
  return { status, stdout: stdout.join("\n"), stderr: stderr.join("").trimEnd() };
}

type Lines = Readonly<Record<"stdout" | "stderr", string[]>>;

function createDeps(place: CommandPlace, { stdout, stderr }: Lines): CommandDeps {
  const progress = Object.assign(new PassThrough().resume(), { isTTY: false, columns: 80 });
  return {
    cwd: place.cwd,
    env: place.env ?? {},
    signal: place.signal ?? new AbortController().signal,
    now: place.now ?? (() => new Date()),
    ask: place.ask,
    patience: place.patience,
    print: (line) => stdout.push(line),
    ...(place.log ?? openPretty({ write: (text) => stderr.push(text) })),
    progress: progress as unknown as NodeJS.WriteStream, // as much of one as listr2 uses
  };
}
