import { readFile, readlink } from "node:fs/promises";
import process from "node:process";

/** A process, and the system that its id is of: the same number is another process elsewhere, and after a restart. */
export interface ProcessIdentity {
  readonly system: string;
  readonly pid: number;
}

/** This process; undefined where the system does not say which one it is: elsewhere than on Linux, or without the right to read /proc. */
export async function identifyProcess(): Promise<ProcessIdentity | undefined> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const namespace = await readlink("/proc/self/ns/pid"); // of a container: a host has many processes 1
    return { system: `${boot.trim()} ${namespace}`, pid: process.pid };
  } catch {
    return undefined; // who cannot be identified is judged by the age of a lease alone
  }
}

/** Whether a process that said so of itself is gone for certain: of one elsewhere that cannot be known. */
export async function isGone(other: ProcessIdentity | undefined): Promise<boolean> {
  const own = await identifyProcess();
  if (other === undefined || own === undefined || other.system !== own.system) return false;
  return other.pid !== own.pid && !isRunning(other.pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH"); // not ours to signal, but there
  }
}
