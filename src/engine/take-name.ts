import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";

/** Takes a backup's name with its first manifest; a BackupError "refused" when anything is there already. */
export async function takeName(storage: Storage, manifest: Manifest, { signal }: Call): Promise<void> {
  const { backup } = manifest;
  await refuseTaken(storage, backup, { signal });
  const { ifAbsent } = storage.capabilities;
  try {
    const body = bytesBody(encodeManifest(manifest));
    await storage.write(keyInBackup(backup, MANIFEST_KEY), body, { signal, ifAbsent });
  } catch (error) {
    throw isStorageError(error, "precondition") ? nameTaken(backup) : error;
  }
}

export async function refuseTaken(storage: Storage, backup: string, call: Call): Promise<void> {
  for await (const _ of storage.list(keyInBackup(backup, ""), call)) throw nameTaken(backup);
}

function nameTaken(name: string): BackupError {
  return new BackupError("refused", `There is a backup ${name} already`, {
    hint: `choose another name, or look at it with: milvus-backup get ${name}`,
  });
}
