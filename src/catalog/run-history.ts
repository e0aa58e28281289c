import type { Call, Storage } from "../core/contracts/storage.ts";
import { chooseOldRuns } from "../core/rotate-runs.ts";
import type { RunEntry } from "../core/run-entry.ts";
import { CONTROL_DIRECTORY } from "../format/keys.ts";
import { decodeRunEntry, encodeRunEntry, parseRunKey, runKey, runsOfPolicy } from "../format/run-history.ts";
import type { RunKey } from "../format/run-history.ts";
import { bytesBody } from "../io/body.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { hasObjects } from "../io/list-objects.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import { deleteKeys } from "./delete-backup.ts";

const READS_AT_ONCE = 32;

/** Keeps the record of a run in the target, in place of an earlier one of it, and lets the policy's oldest go. */
export async function writeRunEntry(
  storage: Storage,
  entry: RunEntry,
  { now, ...call }: Call & { readonly now: Date },
): Promise<void> {
  await storage.write(runKey(entry), bytesBody(encodeRunEntry(entry)), call);
  const old = chooseOldRuns(await listRunKeys(storage, entry.policy, call), now);
  if (old.length > 0)
    await deleteKeys(
      storage,
      old.map(({ key }) => key),
      call,
    );
}

/** The records of a policy's runs, the oldest first: one listing, no reading. */
async function listRunKeys(storage: Storage, policy: string | undefined, call: Call): Promise<readonly RunKey[]> {
  const keys: RunKey[] = [];
  for await (const object of storage.list(runsOfPolicy(policy), call)) {
    const key = object.kind === "object" ? parseRunKey(object.key) : undefined;
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

export interface RunQuery extends Call {
  readonly policy: string | undefined;
  /** ISO 8601, UTC: of runs that began no earlier; of all when absent. */
  readonly since?: string | undefined;
}

/** What is recorded of the policy's runs, the newest first. A record that goes meanwhile, or is none, is left out. */
export async function listRunEntries(
  storage: Storage,
  { policy, since = "", ...call }: RunQuery,
): Promise<readonly RunEntry[]> {
  const keys = (await listRunKeys(storage, policy, call)).filter(({ startedAt }) => startedAt >= since);
  const entries: RunEntry[] = [];
  await forEachConcurrent(keys, { concurrency: READS_AT_ONCE, ...call }, async ({ key }) => {
    const entry = await readRunEntry(storage, key, call);
    if (entry !== undefined) entries.push(entry);
  });
  return entries.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** The newest record of a backup of the policy; checks of their own are none. */
export async function findLastRun(storage: Storage, policy: string, call: Call = {}): Promise<RunEntry | undefined> {
  for (const { key } of (await listRunKeys(storage, policy, call)).toReversed()) {
    const entry = await readRunEntry(storage, key, call);
    if (entry?.action === "backup") return entry;
  }
  return undefined;
}

/** Whether a run of ours was ever here: not, where a disk is not mounted. */
export async function isKnownTarget(storage: Storage, call: Call = {}): Promise<boolean> {
  return await hasObjects(storage, `${CONTROL_DIRECTORY}/`, call);
}

async function readRunEntry(storage: Storage, key: string, call: Call): Promise<RunEntry | undefined> {
  const text = await readTextIfThere(storage, key, call);
  return text === undefined ? undefined : decodeRunEntry(text);
}
