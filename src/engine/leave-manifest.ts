import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import type { Run } from "./run.ts";

/**
 * What was begun but not committed says of itself what it is, so that nobody takes it for running. A target that has gone
 * away does not keep the run from its report: without a lease the backup is interrupted all the same.
 */
export async function leaveManifest(run: Run, storage: Storage, manifest: Manifest): Promise<void> {
  try {
    await storage.write(keyInBackup(manifest.backup, MANIFEST_KEY), bytesBody(encodeManifest(manifest)));
  } catch (error) {
    run.record({ type: "notice", message: `The manifest could not be brought up to date: ${messageOf(error)}` });
  }
}
