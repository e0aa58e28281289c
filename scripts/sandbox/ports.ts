import { once } from "node:events";
import { createServer } from "node:net";
import { SandboxError } from "./sandbox-error.ts";

const first = 20_000;
const last = 32_000; // above lie the ports the kernel hands out to outgoing connections at any moment

/** Hands out ports that nobody listens on, each at most once. */
export function openPortPool(): () => Promise<number> {
  let next = first + Math.floor(Math.random() * (last - first));
  let tried = 0;
  return async () => {
    while (tried++ < last - first) {
      const port = next;
      next = next + 1 < last ? next + 1 : first;
      if (await isFree(port)) return port;
    }
    throw new SandboxError(`Cannot find a free port between ${first} and ${last}`);
  };
}

/** Tried on all addresses, since Milvus listens on all. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  } finally {
    server.close();
  }
}
