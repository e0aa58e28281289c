/** A Milvus that one test file has for itself, to crash and start again: nobody else's tests run on it. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { installPrograms } from "../../scripts/sandbox/install.ts";
import { withLock } from "../../scripts/sandbox/lock.ts";
import { localRootOf, planMilvus } from "../../scripts/sandbox/milvus.ts";
import { sandboxFolder } from "../../scripts/sandbox/paths.ts";
import { pollUntil } from "../../scripts/sandbox/poll.ts";
import { openPortPool } from "../../scripts/sandbox/ports.ts";
import { logPathOf, startServer, stopServer } from "../../scripts/sandbox/processes.ts";
import { succeed, withClient } from "./dataset-client.ts";
import type { LocalMilvus } from "./sandbox.ts";

type Settings = Readonly<Record<string, string>>;

export interface OwnMilvus extends LocalMilvus, AsyncDisposable {
  /** Ends it in the middle of whatever it does, and starts it where it left off, with further settings if there are any. */
  crash(settings?: Settings): Promise<void>;
}

const READY_WITHIN_MS = 120_000;

/** Milvus notices after so many seconds that its parts have restarted; 30 unless told. */
const SESSION_SECONDS = "3";

/** Keeps its segments in a directory; settings are Milvus's own, as environment variables. */
export async function startOwnMilvus(settings: Settings = {}): Promise<OwnMilvus> {
  await mkdir(sandboxFolder, { recursive: true });
  const { milvusFolder: programs } = await withLock(tell, () => installPrograms(tell));
  const folder = await mkdtemp(join(sandboxFolder, "data-own-"));
  const storage = { COMMON_STORAGETYPE: "local", COMMON_SESSION_TTL: SESSION_SECONDS };
  const command = await planMilvus({ name: "milvus-own", programs, folder, port: openPortPool(), storage });
  const launch = async (more: Settings = {}) => {
    const started = await startServer({ ...command, environment: { ...command.environment, ...settings, ...more } });
    await waitUntilItAnswers(command.address);
    return started;
  };
  let server = await launch();
  return {
    address: command.address,
    root: localRootOf(folder),
    crash: async (more) => {
      process.kill(-server.pid, "SIGKILL");
      await stopServer(server);
      server = await launch(more);
    },
    [Symbol.asyncDispose]: async () => {
      await stopServer(server);
      await rm(folder, { recursive: true });
    },
  };
}

/** Asked for what its parts must answer together: its health page says OK before they have come up a second time. */
async function waitUntilItAnswers(address: string): Promise<void> {
  const isUp = async (): Promise<true | undefined> => {
    try {
      await withClient(address, "default", (client) => succeed(client.showCollections()));
      return true;
    } catch (error) {
      return /auth check failure|missing authorization/.test(String(error)) ? true : undefined;
    }
  };
  if (await pollUntil(isUp, { deadlineMs: READY_WITHIN_MS })) return;
  throw new Error(`The Milvus at ${address} does not answer: see ${logPathOf("milvus-own")}`);
}

function tell(line: string): void {
  process.stderr.write(`own Milvus: ${line}\n`);
}
