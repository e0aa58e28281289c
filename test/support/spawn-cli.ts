import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import type { BackupEvent } from "../../src/core/events.ts";
import { cliWords, programWords } from "./cli-words.ts";
import { IS_DENO } from "./deno.ts";
import type { CommandResult } from "./run-command.ts";
import type { Workspace } from "./workspace.ts";

export interface CliWatch {
  /** A program of ours in place of the tool. */
  readonly program?: string;
  /** What Deno must permit besides everything. */
  readonly permissions?: readonly string[];
  /** Told each event that the command prints with --json; may send a signal. */
  readonly onEvent?: (event: BackupEvent, kill: (signal: NodeJS.Signals) => void) => void;
  /** Told each line that it prints on stderr. */
  readonly onStderr?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the tool as a process of its own with the workspace's config; its words may have no spaces. */
export async function spawnCli(
  workspace: Workspace,
  commandLine: string,
  watch: CliWatch = {},
): Promise<CommandResult> {
  const config = `--config ${workspace.path}/milvus-backup.config.yaml`;
  const words = `${commandLine} ${config}`.split(" ").filter((word) => word !== "");
  const [program = "", ...tool] =
    watch.program === undefined ? cliWords(watch.permissions) : programWords(watch.program);
  const child = spawn(program, [...tool, ...words], {
    cwd: workspace.path,
    env: { ...process.env, ...workspace.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(child.pid, signal); // child.kill sends a second one on Node only
  };
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    stdout.push(line);
    if (line.startsWith("{")) watch.onEvent?.(JSON.parse(line) as BackupEvent, kill);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    stderr.push(line);
    watch.onStderr?.(line, kill);
  });
  const exitStatus = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      // Deno says of a child process that exited with 130 that it was ended by SIGINT
      const status = code ?? (IS_DENO && signal !== null ? 128 + constants.signals[signal] : undefined);
      if (status === undefined) reject(new Error(`Ended by ${signal}`));
      else resolve(status);
    });
  });
  return { status: exitStatus, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
}
