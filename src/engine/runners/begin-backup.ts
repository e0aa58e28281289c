import type { BeginStep } from "../../core/plan.ts";
import type { Manifest } from "../../format/manifest.ts";
import { keyInBackup, MANIFEST_KEY } from "../../format/keys.ts";
import { encodeManifest } from "../../format/manifest.ts";
import type { RunRecord } from "../../format/run-record.ts";
import { bytesBody } from "../../io/body.ts";
import { claimRun } from "../claim.ts";
import type { ResumableBackup } from "../find-resumable.ts";
import type { Leases } from "../hold-run-lease.ts";
import { removeMeta } from "../remove-meta.ts";
import type { RunState } from "../run-state.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Job } from "../places.ts";
import { takeName } from "../take-name.ts";
import { keepRoom } from "../with-room.ts";

export interface Beginning {
  readonly manifest: Manifest;
  readonly asked: string;
  readonly state: RunState;
  readonly leases: Leases;
  /** What an earlier run left, when this one goes on with it. */
  readonly resumed: ResumableBackup | undefined;
}

/** Takes the name, or takes up what has it: from here on the backup is listed as running until it is committed. */
export function beginBackup(job: Job, beginning: Beginning): StepRunner<BeginStep["kind"]> {
  return async () => {
    if (beginning.resumed === undefined) await beginNew(job, beginning);
    else await takeUp(job, { ...beginning, resumed: beginning.resumed });
    await keepRoom(job.run, job.target.storage);
    return beginning.manifest.backup;
  };
}

async function beginNew({ run, target }: Job, { manifest, asked, state }: Beginning): Promise<void> {
  const { runId, signal } = run;
  await takeName(target.storage, manifest, { signal });
  await state.begin(toRecord(manifest, asked));
  await claimRun(target.storage, { of: runId, by: runId, number: 1, signal });
}

function toRecord({ runId, backup, startedAt, policy, source }: Manifest, asked: string): RunRecord {
  const ofPolicy = policy === undefined ? {} : { policy: policy.name };
  return { formatVersion: 1, runId, backup, startedAt, ...ofPolicy, asked, source: source.storage };
}

/** The claim first: of two runs that both found it, one goes on. */
async function takeUp(
  { run, target }: Job,
  { manifest, resumed, leases }: Beginning & { readonly resumed: ResumableBackup },
): Promise<void> {
  const { storage } = target;
  const { runId, signal } = run;
  await claimRun(storage, { of: resumed.runId, by: runId, number: resumed.claim.number + 1, signal });
  await leases.hold(resumed.runId);
  await storage.write(keyInBackup(manifest.backup, MANIFEST_KEY), bytesBody(encodeManifest(manifest)), { signal });
  await removeMeta(storage, manifest.backup, { signal });
}
