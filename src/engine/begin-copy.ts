import { isLeaseLive } from "../catalog/lease.ts";
import { isCommitted } from "../catalog/meta-files.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import type { OpenTarget } from "./places.ts";
import { removeMeta } from "./remove-meta.ts";
import type { Run } from "./run.ts";
import { takeName } from "./take-name.ts";

export interface WrittenTarget extends Pick<OpenTarget, "name" | "storage"> {
  /** The target's storage as the copy is written to it, which may be sealed on the way. */
  readonly written: Storage;
}

/**
 * Takes the name in the target for a copy of the backup with this manifest, or takes up what an earlier copy left there;
 * "there" when it is committed already. From here on it is listed as running, or as interrupted. BackupErrors: "refused"
 * when something else has the name, "locked" when another run is copying it.
 */
export async function beginCopy(to: WrittenTarget, manifest: Manifest, run: Run): Promise<"begun" | "there"> {
  const { storage, written } = to;
  const { signal } = run;
  const found = await readOwnManifest(to, manifest.backup, run);
  if (found === undefined) {
    await takeName(written, manifest, { signal });
    return "begun";
  }
  refuseOther(found, manifest, to);
  const isClaim = found.state === "complete" || found.state === "partial";
  if (isClaim && (await isCommitted(storage, manifest.backup, { signal }))) return "there";
  await refuseLive(found, to, run);
  await written.write(keyInBackup(manifest.backup, MANIFEST_KEY), bytesBody(encodeManifest(manifest)), { signal });
  await removeMeta(storage, manifest.backup, { signal });
  return "begun";
}

/** One that cannot be read may be anybody's. */
async function readOwnManifest(
  { name, storage }: WrittenTarget,
  backup: string,
  { signal }: Run,
): Promise<Manifest | undefined> {
  try {
    return await readManifest(storage, backup, { signal });
  } catch (error) {
    if (!isBackupError(error) || error.code !== "damaged") throw error;
    throw new BackupError("refused", `Cannot tell what is under the name ${backup} in ${name}`, {
      cause: error,
      hint: `look at it with: milvus-backup get ${backup} --target ${name}`,
    });
  }
}

/** A run makes one backup, so its id is the backup's as well. */
function refuseOther(found: Manifest, { backup, runId }: Manifest, { name }: WrittenTarget): void {
  const isOther = found.runId !== runId || found.backup !== backup;
  if (!isOther && found.state !== "deleting") return;
  const what = isOther ? "another backup has its name" : "what is there is being deleted";
  throw new BackupError("refused", `Cannot copy ${backup} to ${name}: ${what}`, {
    hint: `look at it with: milvus-backup get ${backup} --target ${name}`,
    facts: { found: found.runId, copied: runId },
  });
}

async function refuseLive(found: Manifest, { name, storage }: WrittenTarget, { runId, signal }: Run): Promise<void> {
  const { backup, state, copiedBy = found.runId } = found;
  if (state !== "running" || copiedBy === runId || !(await isLeaseLive(storage, copiedBy, { signal }))) return;
  throw new BackupError("locked", `Cannot copy ${backup} to ${name}: the run ${copiedBy} is copying it there`, {
    hint: "wait for its end; half an hour after a run has died its copy can be taken up",
  });
}
