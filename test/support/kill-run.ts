import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BackupEvent } from "../../src/core/events.ts";
import { spawnCli } from "./spawn-cli.ts";
import type { Workspace } from "./workspace.ts";

export interface KilledRun {
  /** False when it had come to its end before. */
  readonly wasKilled: boolean;
  /** What it had said. */
  readonly events: readonly BackupEvent[];
}

type When = (kill: () => void, events: readonly BackupEvent[]) => void;

/** Runs a command with --json as a process of its own, and kills it, with no time to clean up, when it is told to. */
export async function killRun(workspace: Workspace, commandLine: string, when: When): Promise<KilledRun> {
  return await runToItsEnd(workspace, commandLine, { when });
}

/** Right before its n-th change of the directory `disk`, from 1: an object that comes, or goes. */
export async function killAtChange(workspace: Workspace, commandLine: string, nth: number): Promise<KilledRun> {
  const env = { ...workspace.env, KILL_AT: String(nth), KILL_BELOW: `${workspace.disk}/` };
  const program = fileURLToPath(new URL("killed-cli.ts", import.meta.url));
  return await runToItsEnd({ ...workspace, env }, commandLine, { program });
}

interface Ending {
  readonly when?: When;
  readonly program?: string;
}

async function runToItsEnd(workspace: Workspace, commandLine: string, { when, ...ending }: Ending): Promise<KilledRun> {
  const events: BackupEvent[] = [];
  const onEvent = (event: BackupEvent, kill: (signal: NodeJS.Signals) => void): void => {
    events.push(event);
    when?.(() => kill("SIGKILL"), events);
  };
  const wasKilled = await spawnCli(workspace, `${commandLine} --json`, { onEvent, ...ending }).then(
    () => false,
    (error: unknown) => {
      if (error instanceof Error && error.message === "Ended by SIGKILL") return true;
      throw error;
    },
  );
  await removeScratch(String(events[0]?.runId));
  return { wasKilled, events };
}

/** At its n-th event, from 1. */
export function killAtEvent(workspace: Workspace, commandLine: string, nth: number): Promise<KilledRun> {
  return killRun(workspace, commandLine, (kill, events) => {
    if (events.length === nth) kill();
  });
}

/** At its n-th request to the bucket, from 1, once it has its plan. */
export async function killAtRequest(
  setting: RequestWatch & { readonly workspace: Workspace },
  commandLine: string,
  nth: number,
): Promise<KilledRun> {
  let requests = 0;
  const killed = await killRun(setting.workspace, commandLine, (kill, events) => {
    if (events.at(-1)?.type !== "plan.made") return;
    setting.onRequest = () => {
      requests += 1;
      if (requests === nth) kill();
    };
  });
  setting.onRequest = undefined;
  return killed;
}

export interface RequestWatch {
  /** Told each request to a bucket, before it goes on. */
  onRequest: (() => void) | undefined;
}

/** What a killed process leaves in the system's temporary directory. */
async function removeScratch(runId: string): Promise<void> {
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`milvus-backup-${runId}-`));
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true })));
}
