import type { Lease } from "../../catalog/lease.ts";
import type { BackupHead, DatabaseMeta } from "../../format/meta.ts";
import { keyInBackup, MANIFEST_KEY, META_KEYS } from "../../format/keys.ts";
import { encodeManifest } from "../../format/manifest.ts";
import type { Manifest, ManifestEncryption } from "../../format/manifest.ts";
import { encodeBackupMeta, metaFrame } from "../../format/write-meta.ts";
import { bytesBody } from "../../io/body.ts";
import { BackupError, messageOf } from "../../core/errors.ts";
import type { CommitStep } from "../../core/plan.ts";
import type { GcPause } from "../gc-pause.ts";
import type { Job } from "../places.ts";
import { removeStrays } from "../remove-strays.ts";
import type { StepRunner } from "../run-steps.ts";
import type { BackupWork } from "./back-up-collection.ts";

export interface CommitWork extends BackupWork {
  readonly manifest: Manifest;
  readonly lease: Lease;
  readonly gc: GcPause;
  readonly databases: readonly DatabaseMeta[];
  /** How many collections were to be in it. */
  readonly planned: number;
  /** Of one that is sealed. */
  readonly encryption: ManifestEncryption | undefined;
}

/** The order of the design: whoever reads full_meta and backup_meta finds everything else in place. */
const LEVELS = ["segment", "partition", "collection", "full"] as const;

/** Makes a backup of the collections that are whole: complete when that is all of them, else partial; none is no backup. */
export function commitBackup({ run, target }: Job, work: CommitWork): StepRunner<CommitStep["kind"]> {
  return async () => {
    const whole = work.entries.filter(({ state }) => state === "complete");
    const settled = work.entries.filter(({ state }) => state === "complete" || state === "dropped");
    const isComplete = settled.length === work.planned;
    if (whole.length === 0) throw nothingWhole(work, run);
    const state = isComplete ? "complete" : "partial";
    const write = async (key: string, body: Parameters<typeof target.storage.write>[1]): Promise<void> => {
      await target.storage.write(keyInBackup(work.backup, key), body, { signal: run.signal });
    };
    const manifest: Manifest = {
      ...work.manifest,
      gc: work.gc.outcome(),
      state,
      finishedAt: run.now().toISOString(),
      collections: work.entries,
    };
    await work.lease.guard({ signal: run.signal });
    if (work.isResumed || !isComplete) await removeLeft(run, target.storage, { manifest, encryption: work.encryption });
    await write(MANIFEST_KEY, bytesBody(encodeManifest(manifest)));
    const head = headOf(
      work,
      whole.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    for (const level of LEVELS) await write(META_KEYS[level], await work.spool.body(level, metaFrame(level, head)));
    await write(META_KEYS.backup, bytesBody(encodeBackupMeta(head)));
    run.record({ type: "backup.committed", backup: work.backup, state });
    await work.gc.release(); // copies to further targets can take long
    return state;
  };
}

/** What was copied of collections that did not become whole. It harms no reader: when it cannot be removed, that is told. */
async function removeLeft(
  run: Job["run"],
  storage: Job["target"]["storage"],
  committing: Parameters<typeof removeStrays>[1],
): Promise<void> {
  try {
    await removeStrays(storage, committing, { signal: run.signal });
  } catch (error) {
    run.signal.throwIfAborted();
    const message = `What was copied of collections that are not whole is left, since it cannot be removed: ${messageOf(error)}`;
    run.record({ type: "notice", message });
  }
}

function headOf({ manifest, backupId, databases }: CommitWork, bytes: number): BackupHead {
  return {
    id: backupId,
    state_code: 0,
    name: manifest.backup,
    size: BigInt(bytes),
    milvus_version: manifest.source.milvusVersion,
    database_backups: databases,
  };
}

/** With the code of the first failure, since that is what an operator must act on. */
function nothingWhole({ entries }: BackupWork, { failures }: Job["run"]): BackupError {
  const reason =
    entries.find(({ reason: why }) => why !== undefined)?.reason ?? "every collection was dropped meanwhile";
  return new BackupError(failures[0]?.code ?? "failed", `No collection is whole, so there is no backup: ${reason}`);
}
