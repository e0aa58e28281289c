#!/usr/bin/env node
import process from "node:process";
import { isatty } from "node:tty";
import { commandHelp, mainHelp } from "./commands/help.ts";
import type { Command, CommandDeps } from "./commands/command.ts";
import { COMMAND_LOADERS, splitName } from "./commands/commands.ts";
import { parseCommand } from "./commands/parse.ts";
import { askOn } from "./commands/ask.ts";
import { openJsonLog, openPretty } from "./commands/stderr.ts";
import type { Stderr } from "./commands/stderr.ts";
import { BackupError } from "./core/errors.ts";
import type { ExitStatus } from "./core/errors.ts";
import { findNearest } from "./core/nearest.ts";
import { VERSION } from "./core/version.ts";

/** argv, signals, stdout, stderr and the exit status are handled here and nowhere else. */
async function main(args: readonly string[]): Promise<ExitStatus> {
  const [name, ...rest] = splitName(args);
  if (name === "--version" || name === "-V") return say(VERSION);
  if (["", "--help", "-h", "help"].includes(name)) return help(rest);
  const command = await loadCommand(name);
  if (rest.includes("--help") || rest.includes("-h")) return say(commandHelp(command));
  const input = parseCommand(command, rest);
  const deps = createDeps(
    input.options["log-format"] === "json" ? await openJsonLog(process.stderr) : openPretty(process.stderr),
  );
  return command.run(deps, input).catch((error: unknown) => deps.fail(error));
}

async function help(words: readonly string[]): Promise<ExitStatus> {
  const [name] = splitName(words);
  if (name !== "" && !name.startsWith("-")) return say(commandHelp(await loadCommand(name)));
  return say(mainHelp(await Promise.all(Object.keys(COMMAND_LOADERS).map(loadCommand))));
}

async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMAND_LOADERS, name) ? COMMAND_LOADERS[name] : undefined;
  if (load !== undefined) return load();
  const names = Object.keys(COMMAND_LOADERS);
  const near = findNearest(name, names) ?? names.find((known) => known.startsWith(`${name} `));
  throw new BackupError("usage", `There is no command ${JSON.stringify(name)}`, {
    hint: near === undefined ? "milvus-backup --help lists the commands" : `did you mean ${near}?`,
  });
}

function say(text: string): ExitStatus {
  process.stdout.write(`${text}\n`);
  return 0;
}

function createDeps(stderr: Stderr): CommandDeps {
  const signal = stopOnSignals(stderr);
  return {
    cwd: process.cwd(),
    env: process.env,
    signal,
    now: () => new Date(),
    print: (line) => void process.stdout.write(`${line}\n`),
    ...stderr,
    ask: isatty(0) ? (question) => askOn(process.stdin, process.stderr, { question, signal }) : undefined,
    progress: process.stderr,
  };
}

/** The first signal stops the run after the objects in flight; the second one leaves at once. */
function stopOnSignals({ warn }: Stderr): AbortSignal {
  const controller = new AbortController();
  const exit = process.exit.bind(process); // while a config is loaded, process.exit is not for its code
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) exit(status);
      if (process.stderr.isTTY) process.stderr.write("\n"); // after ^C
      warn(`${signal}: stopping; once more to leave at once`);
      const code = signal === "SIGINT" ? "interrupted" : "terminated";
      controller.abort(new BackupError(code, `The run was stopped by ${signal}`));
    });
  }
  return controller.signal;
}

// `milvus-backup list | head` closes the pipe early: what is written then goes nowhere, the work and its status go on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => openPretty(process.stderr).fail(error));
