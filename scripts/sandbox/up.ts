import { stopAll } from "./down.ts";
import type { SandboxEnvironment } from "./environment.ts";
import { isHealthy, waitUntilHealthy } from "./health.ts";
import { installPrograms } from "./install.ts";
import { withLock } from "./lock.ts";
import { planServers, removeOldData, type ServerPlan } from "./plan.ts";
import { type ServerCommand, startServer } from "./processes.ts";
import { findState, type SandboxState, type StartedProcess, writeState } from "./state.ts";

export interface UpResult {
  readonly environment: SandboxEnvironment;
  /** False when a running sandbox was found. */
  readonly started: boolean;
}

type Report = (line: string) => void;

const readyWithinMs = 120_000; // 10 s is usual; a busy machine takes several times as long

/**
 * Brings the sandbox up, or finds it up. One that is not wholly healthy is ended and replaced by a new, empty one:
 * tests build their data themselves, and a crashed Milvus may come back with half a segment.
 */
export async function bringUp(report: Report): Promise<UpResult> {
  return withLock(report, async () => {
    const found = await findState();
    if (found !== undefined && (await isHealthy(found))) return { environment: found.environment, started: false };
    if (found !== undefined) {
      report("an earlier sandbox is not healthy, starting anew");
      await stopAll(found);
    }
    return { environment: await startAnew(report), started: true };
  });
}

async function startAnew(report: Report): Promise<SandboxEnvironment> {
  const programs = await installPrograms(report);
  await removeOldData();
  const plan = await planServers(programs);
  let state: SandboxState = {
    status: "starting",
    dataFolder: plan.dataFolder,
    processes: [],
    environment: plan.environment,
  };
  const launch = async (command: ServerCommand): Promise<StartedProcess> => {
    const server = await startServer(command);
    state = { ...state, processes: [...state.processes, server] };
    await writeState(state); // at once: whoever kills us now must find what to end
    report(`started ${server.name} at ${server.address} (process ${server.pid})`);
    return server;
  };
  try {
    await launchInOrder(plan, launch);
  } catch (error) {
    await stopAll(state);
    throw error;
  }
  await writeState({ ...state, status: "up" });
  return plan.environment;
}

/** The Milvus on S3 needs its bucket's server first; the other one gets ready meanwhile. */
async function launchInOrder(
  { local, seaweed, s3 }: ServerPlan,
  launch: (command: ServerCommand) => Promise<StartedProcess>,
): Promise<void> {
  const localServer = await launch(local);
  await waitUntilHealthy(await launch(seaweed), readyWithinMs);
  const s3Server = await launch(s3);
  await Promise.all([waitUntilHealthy(localServer, readyWithinMs), waitUntilHealthy(s3Server, readyWithinMs)]);
}
