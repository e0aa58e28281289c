import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findPython } from "./python.ts";
import { lockPath, sandboxFolder, scriptsFolder } from "./paths.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Runs the work while no other process starts or stops the sandbox. */
export async function withLock<T>(report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  await mkdir(sandboxFolder, { recursive: true });
  const holder = spawn(await findPython(), [join(scriptsFolder, "hold-lock.py"), lockPath], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(holder, "close");
  try {
    for await (const line of createInterface(holder.stdout)) {
      if (line === "locked") return await work();
      report(`${line.replace("waiting", "waiting for process")} to be done with the sandbox`);
    }
    throw new SandboxError(`Cannot lock ${lockPath}`);
  } finally {
    holder.stdin.end();
    await ended;
  }
}
