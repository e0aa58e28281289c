import { readFile } from "node:fs/promises";
import { isRunning, logPathOf } from "./processes.ts";
import { pollUntil } from "./poll.ts";
import { SandboxError } from "./sandbox-error.ts";
import type { SandboxState, StartedProcess } from "./state.ts";

/** Why a server is not fit for use, in a few words, or "ok". */
export async function healthOf(server: StartedProcess): Promise<string> {
  if (!isRunning(server)) return "not running";
  for (const url of server.healthUrls) {
    const problem = await findProblem(url);
    if (problem !== undefined) return problem;
  }
  return "ok";
}

export async function isHealthy({ status, processes }: SandboxState): Promise<boolean> {
  if (status !== "up") return false;
  const answers = await Promise.all(processes.map(healthOf));
  return answers.every((answer) => answer === "ok");
}

/** Waits until the server answers; gives up as soon as it has died. */
export async function waitUntilHealthy(server: StartedProcess, deadlineMs: number): Promise<void> {
  let health = "";
  const settled = await pollUntil(
    async () => {
      health = await healthOf(server);
      return health === "ok" || health === "not running" ? true : undefined;
    },
    { deadlineMs },
  );
  if (health === "ok") return;
  const problem = settled ? "it ended" : `not ready after ${deadlineMs / 1000} s: ${health}`;
  throw new SandboxError(`Cannot start ${server.name}: ${problem}\n${await lastLines(logPathOf(server.name))}`, {
    hint: `All of its output is in ${logPathOf(server.name)}`,
  });
}

async function findProblem(url: string): Promise<string | undefined> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const text = await reply.text();
    return reply.ok ? undefined : `${reply.status} ${text.trim().slice(0, 200)}`;
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : String(error)}`; // whatever it is, it is not healthy
  }
}

async function lastLines(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.slice(-10).join("\n");
}
