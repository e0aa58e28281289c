import { sealStorage } from "../catalog/sealed-storage.ts";
import type { EncryptionConfig } from "../core/contracts/policy.ts";
import type { Job } from "./places.ts";
import type { RunState } from "./run-state.ts";

/** The job as it writes the backup: what goes into it is sealed to a key that is made here; the same for one in the clear. */
export async function sealJob(job: Job, backup: string, encryption: EncryptionConfig | undefined): Promise<Job> {
  if (encryption === undefined) return job;
  const { makeDataKey } = await import("../seal/age-file.ts");
  const { recipients } = encryption;
  const storage = sealStorage(job.target.storage, { backup, dataKey: await makeDataKey(), recipients });
  return { ...job, target: { ...job.target, storage } };
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
