import { readManifest } from "../catalog/read-manifest.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { nextBackupName } from "../format/backup-name.ts";
import { keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import { hasObjects } from "../io/list-objects.ts";

/** Takes a backup's name with its first manifest; a BackupError "refused" when anything is there already. */
export async function takeName(storage: Storage, manifest: Manifest, { signal }: Call): Promise<void> {
  const { backup } = manifest;
  await refuseTaken(storage, backup, { signal });
  const { ifAbsent } = storage.capabilities;
  try {
    const body = bytesBody(encodeManifest(manifest));
    await storage.write(keyInBackup(backup, MANIFEST_KEY), body, { signal, ifAbsent });
  } catch (error) {
    const isTaken = isStorageError(error, "precondition");
    if (!isTaken && !isStorageError(error, "unavailable")) throw error;
    if (await isOurs(storage, manifest, { signal })) return; // the answer was lost, not the name
    throw isTaken ? nameTaken(backup) : error;
  }
}

/** One that cannot be read is somebody's. */
async function isOurs(storage: Storage, { backup, runId, copiedBy }: Manifest, call: Call): Promise<boolean> {
  try {
    const found = await readManifest(storage, backup, call);
    return found?.runId === runId && found.copiedBy === copiedBy; // two copies of one backup have its run
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return false;
    throw error;
  }
}

export async function refuseTaken(storage: Storage, backup: string, call: Call): Promise<void> {
  if (await hasObjects(storage, keyInBackup(backup, ""), call)) throw nameTaken(backup);
}

/** The name that a policy's backup has by its time, or the next one that is free: two can begin within a second. */
export async function findFreeName(storage: Storage, backup: string, call: Call): Promise<string> {
  let name = backup;
  while (await hasObjects(storage, keyInBackup(name, ""), call)) name = nextBackupName(name);
  return name;
}

function nameTaken(name: string): BackupError {
  return new BackupError("refused", `There is a backup ${name} already`, {
    hint: `choose another name, or look at it with: milvus-backup get ${name}`,
  });
}
