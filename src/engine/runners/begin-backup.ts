import { isStorageError } from "../../core/contracts/storage.ts";
import { BackupError } from "../../core/errors.ts";
import type { BeginStep } from "../../core/plan.ts";
import { keyInBackup, MANIFEST_KEY } from "../../format/keys.ts";
import { encodeManifest } from "../../format/manifest.ts";
import type { Manifest } from "../../format/manifest.ts";
import { bytesBody } from "../../io/body.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Job } from "../places.ts";

/** Takes the name: from here on the backup is listed as running, or as interrupted, until it is committed. */
export function beginBackup({ run, target }: Job, manifest: Manifest): StepRunner<BeginStep["kind"]> {
  return async () => {
    const { storage } = target;
    for await (const _ of storage.list(keyInBackup(manifest.backup, ""), { signal: run.signal }))
      throw nameTaken(manifest.backup);
    const { ifAbsent } = storage.capabilities;
    try {
      await storage.write(keyInBackup(manifest.backup, MANIFEST_KEY), bytesBody(encodeManifest(manifest)), {
        signal: run.signal,
        ifAbsent,
      });
    } catch (error) {
      throw isStorageError(error, "precondition") ? nameTaken(manifest.backup) : error;
    }
    return manifest.backup;
  };
}

function nameTaken(name: string): BackupError {
  return new BackupError("refused", `There is a backup ${name} already`, {
    hint: `choose another name, or look at it with: milvus-backup get ${name}`,
  });
}
