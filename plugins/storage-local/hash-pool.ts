import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** Hashes files on all cores: sha256 takes a core's whole time, and a disk's cache gives more than one can take. */
export interface HashPool extends AsyncDisposable {
  /** The sha256 of a file's bytes, lower-case hex. Throws what reading it throws, with its code. */
  sha256Of(path: string): Promise<string>;
}

/** Threads start when they are needed, hold a buffer each, and keep no process alive while they wait. */
export function createHashPool(size: number = availableParallelism()): HashPool {
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const take = async (): Promise<Worker> => {
    const worker = idle.pop();
    if (worker !== undefined) return worker;
    if (workers.length === size) return new Promise((resolve) => waiting.push(resolve));
    const started = new Worker(PROGRAM, { eval: true });
    workers.push(started);
    return started;
  };
  const giveBack = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };
  return {
    async sha256Of(path) {
      const worker = await take();
      try {
        return await ask(worker, path);
      } finally {
        giveBack(worker);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** An error's name and code are what it is judged by; a message to a thread loses them unless they are told. */
type Reply = { readonly sha256: string } | { readonly name: string; readonly message: string; readonly code?: string };

async function ask(worker: Worker, path: string): Promise<string> {
  worker.ref();
  worker.postMessage(path);
  const [reply] = (await once(worker, "message")) as [Reply]; // PROGRAM sends nothing else
  worker.unref();
  if ("sha256" in reply) return reply.sha256;
  throw Object.assign(new Error(reply.message), { name: reply.name, code: reply.code });
}

/** Text, since a worker's own file would have to be JavaScript where everything else may run from TypeScript. */
const PROGRAM = `
import("node:worker_threads").then(async ({ parentPort }) => {
  const { createHash } = await import("node:crypto");
  const { closeSync, openSync, readSync } = await import("node:fs");
  const buffer = new Uint8Array(1024 * 1024);

  function sha256Of(path) {
    const file = openSync(path, "r");
    try {
      const hash = createHash("sha256");
      for (let read; (read = readSync(file, buffer)) > 0; ) hash.update(buffer.subarray(0, read));
      return hash.digest("hex");
    } finally {
      closeSync(file);
    }
  }

  parentPort.on("message", (path) => {
    try {
      parentPort.postMessage({ sha256: sha256Of(path) });
    } catch ({ name, message, code }) {
      parentPort.postMessage({ name, message, code });
    }
  });
});`;
