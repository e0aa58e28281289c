import { sealStorage } from "../catalog/sealed-storage.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { DataKey } from "../seal/age-file.ts";
import type { Job } from "./places.ts";
import type { RunState } from "./run-state.ts";

export interface SealedJob {
  /** As it writes the backup: what goes into it is sealed. */
  readonly job: Job;
  /** Made here; absent for a backup in the clear. */
  readonly dataKey?: DataKey | undefined;
}

/** What goes into the backup is sealed to a key that is made here; nothing is when nobody is named. */
export async function sealJob(job: Job, backup: string, encryption: EncryptionConfig | undefined): Promise<SealedJob> {
  if (encryption === undefined) return { job };
  const { makeDataKey } = await import("../seal/age-file.ts");
  const { recipients } = encryption;
  const dataKey = await makeDataKey();
  const storage = sealStorage(job.target.storage, { backup, dataKey, recipients });
  return { job: { ...job, target: { ...job.target, storage } }, dataKey };
}

/** Of an encrypted backup nothing is kept beside it, where names and schemas would be in the clear: it is not resumed. */
export function withoutCaptures(state: RunState): RunState {
  return {
    ...state,
    findCapture: () => Promise.resolve(undefined),
    storeCapture: () => Promise.resolve(),
    writeCopied: () => Promise.resolve(),
    hasCaptures: () => Promise.resolve(false),
  };
}
