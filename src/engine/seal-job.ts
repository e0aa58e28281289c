import { sealStorage } from "../catalog/sealed-storage.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { ManifestEncryption } from "../format/manifest.ts";
import type { DataKey } from "../seal/age-file.ts";
import type { Job } from "./places.ts";
import type { RunState } from "./run-state.ts";

export interface SealedJob {
  /** As it writes the backup: what goes into it is sealed. */
  readonly job: Job;
  /** All keys of the backup; absent where an earlier run has others. */
  readonly dataKeys?: readonly DataKey[] | undefined;
  /** What the manifest says of it; absent for a backup in the clear. */
  readonly encryption?: ManifestEncryption | undefined;
}

export interface Sealing {
  readonly backup: string;
  readonly encryption: EncryptionConfig | undefined;
  /** What an earlier run left, when this one goes on with it. */
  readonly resumed: ManifestEncryption | undefined;
}

/**
 * What goes into the backup is sealed to a key that is made here; nothing is when nobody is named. Also what is brought
 * to a backup that was begun before: whoever can write to the target could have put another key there.
 */
export async function sealJob(job: Job, { backup, encryption: wanted, resumed }: Sealing): Promise<SealedJob> {
  if (wanted === undefined) return { job };
  const { makeDataKey } = await import("../seal/age-file.ts");
  const { recipients } = wanted;
  const dataKey = await makeDataKey();
  const { recipient } = dataKey;
  const encryption: ManifestEncryption =
    resumed === undefined
      ? { keyId: recipient, recipients }
      : { keyId: resumed.keyId, furtherKeys: [...(resumed.furtherKeys ?? []), recipient], recipients };
  const storage = sealStorage(job.target.storage, { backup, dataKeys: [dataKey], encryption });
  const sealed = { ...job, target: { ...job.target, storage } };
  return { job: sealed, encryption, ...(resumed === undefined && { dataKeys: [dataKey] }) };
}

/**
 * Of an encrypted backup no capture is kept beside it, where names and schemas would be in the clear: only that a
 * collection was captured. Who goes on with it captures anew, and keeps of the copied objects what is still to be there.
 */
export function withoutCaptures(state: RunState): RunState {
  return {
    ...state,
    findCapture: () => Promise.resolve(undefined),
    storeCapture: ({ meta }) => state.markCaptured(meta.collection_id.toString()),
  };
}
