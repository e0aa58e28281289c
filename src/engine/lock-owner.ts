import { hostname } from "node:os";
import process from "node:process";
import type { LockBody } from "../format/lock.ts";
import { identifyProcess } from "../io/process-identity.ts";
import type { Run } from "./run.ts";

/** What a run does in a target that it locks. */
export type LockPurpose = Pick<LockBody, "kind" | "backup" | "policy">;

/** What the locks of a run say of it. */
export async function lockOwner({ runId, now }: Pick<Run, "runId" | "now">, what: LockPurpose): Promise<LockBody> {
  const system = (await identifyProcess())?.system;
  const at = { host: hostname(), pid: process.pid, ...(system !== undefined && { system }) };
  return { runId, ...what, ...at, startedAt: now().toISOString() };
}
