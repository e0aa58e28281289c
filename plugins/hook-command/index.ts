import { z } from "zod";
import { defineHook, findDurationMs } from "../../src/plugin.ts";
import type { HookPlugin } from "../../src/plugin.ts";
import { runHookCommand } from "./run-hook-command.ts";

export interface CommandOptions {
  /** Program and arguments, run without a shell; or `shell`. */
  readonly argv?: readonly string[] | undefined;
  /** A line for /bin/sh. */
  readonly shell?: string | undefined;
  /** Absolute; the config's folder when absent. */
  readonly cwd?: string | undefined;
  /** Besides the tool's own variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** From the polite signal to the deadly one; 5s. */
  readonly killAfter?: string | undefined;
}

/** The host waits half a minute for a hook that it has told to stop. */
const MAX_KILL_AFTER_MS = 20_000;

const options = z
  .strictObject({
    argv: z.array(z.string()).min(1).optional(),
    shell: z.string().min(1).optional(),
    cwd: z.string().min(1).optional(),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, "expected the name of a variable"), z.string()).default({}),
    killAfter: z
      .string()
      .default("5s")
      .transform((text) => findDurationMs(text) ?? Infinity)
      .refine((ms) => ms <= MAX_KILL_AFTER_MS, "expected a duration such as 500ms or 5s, at most 20s"),
  })
  .refine(({ argv, shell }) => (argv === undefined) !== (shell === undefined), "expected argv or shell");

/**
 * Runs a command: facts in MILVUS_BACKUP_ variables and as JSON on its standard input, values for later hooks in the file
 * that MILVUS_BACKUP_VALUES names. Exit status 75 asks to skip; any other but 0 is a failure.
 */
export const command: HookPlugin = defineHook({
  apiVersion: 1,
  name: "command",
  options,
  before: (context) => runHookCommand(context),
  after: (context, outcome) => runHookCommand(context, outcome),
});
