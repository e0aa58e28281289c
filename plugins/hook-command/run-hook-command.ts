import type { HookAnswer, HookContext, HookOutcome } from "../../src/plugin.ts";
import { toVariables } from "./facts.ts";
import { runProcess } from "./process.ts";
import type { Ended } from "./process.ts";
import { createValuesFile } from "./values-file.ts";

export interface ParsedOptions {
  readonly argv?: readonly string[] | undefined;
  readonly shell?: string | undefined;
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly killAfter: number;
}

/** EX_TEMPFAIL of sysexits.h, as borgmatic has it. */
const SKIP = 75;

export async function runHookCommand(
  { options, facts, env, directory, signal, say }: HookContext<ParsedOptions>,
  outcome?: HookOutcome,
): Promise<HookAnswer> {
  await using values = await createValuesFile();
  const ended = await runProcess({
    argv: options.argv ?? ["/bin/sh", "-c", options.shell ?? ""],
    cwd: options.cwd ?? directory,
    env: { ...env, ...toVariables(facts, outcome), MILVUS_BACKUP_VALUES: values.path, ...options.env },
    input: JSON.stringify(outcome === undefined ? facts : { ...facts, outcome }),
    killAfterMs: options.killAfter,
    signal,
    say,
  });
  if (ended.exitStatus === SKIP) return { skip: true, values: await values.read() };
  if (ended.exitStatus !== 0) throw new Error(describe(ended));
  return { values: await values.read() };
}

function describe({ exitStatus, signal }: Ended): string {
  return exitStatus === undefined ? `ended by ${signal}` : `exit status ${exitStatus}`;
}
