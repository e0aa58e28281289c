import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { logsFolder } from "./paths.ts";
import { pollUntil } from "./poll.ts";
import { SandboxError } from "./sandbox-error.ts";
import type { StartedProcess } from "./state.ts";

/** How to run one server. */
export interface ServerCommand extends Omit<StartedProcess, "pid" | "startTime"> {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All it gets besides PATH and the like. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a server that outlives this process: its own process group, and its output in a file. */
export async function startServer(server: ServerCommand): Promise<StartedProcess> {
  const { name, address, healthUrls, leftovers } = server;
  await mkdir(logsFolder, { recursive: true });
  await mkdir(server.cwd, { recursive: true });
  const log = openSync(logPathOf(name), "w");
  const child = spawn(server.command, server.args, {
    cwd: server.cwd,
    env: { ...inheritedEnvironment(), ...server.environment },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  child.unref();
  const startTime = child.pid === undefined ? undefined : findStartTime(child.pid);
  if (child.pid === undefined || startTime === undefined) {
    throw new SandboxError(`Cannot start ${name}: it ended at once`, { hint: `Its output is in ${logPathOf(name)}` });
  }
  return { name, pid: child.pid, startTime, address, healthUrls, leftovers };
}

export function logPathOf(name: string): string {
  return join(logsFolder, `${name}.log`);
}

/** True when this very process still runs: not gone, not a zombie, not another process with its number. */
export function isRunning({ pid, startTime }: StartedProcess): boolean {
  return findStartTime(pid) === startTime;
}

/**
 * Ends a process group that we started, soon with force: Milvus 2.3.5 goes on for more than half a minute when asked,
 * its components waiting for each other, and what it then writes is of no use, as no sandbox starts from old data.
 */
export async function stopServer(server: StartedProcess): Promise<void> {
  const isGone = async () => (isRunning(server) ? undefined : true);
  for (const [signal, deadlineMs] of [
    ["SIGTERM", 2_000],
    ["SIGKILL", 30_000],
  ] as const) {
    if (!isRunning(server)) return;
    signalGroup(server.pid, signal);
    if (await pollUntil(isGone, { deadlineMs, intervalMs: 50 })) return;
  }
  throw new SandboxError(`Cannot end ${server.name}: process ${server.pid} is still there`);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended between the look and the signal
  }
}

/** Only what a server needs: any other variable (MINIO_ADDRESS, ETCD_ENDPOINTS …) would be a setting to Milvus. */
function inheritedEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "LANG", "TMPDIR"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

function findStartTime(pid: number): string | undefined {
  const stat = findStat(pid);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name in brackets may hold anything
  return fields[0] === "Z" ? undefined : fields[19];
}

function findStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
