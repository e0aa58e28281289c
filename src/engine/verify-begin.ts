import { isLeaseLive } from "../catalog/lease.ts";
import { isGoBackup, listMeta } from "../catalog/meta-files.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, MANIFEST_KEY, META_KEYS } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { hasObjects } from "../io/list-objects.ts";
import { noteDamage } from "./verify-job.ts";
import type { DamageLog } from "./verify-job.ts";

export interface Verified {
  readonly storage: Storage;
  readonly backup: string;
  readonly damage: DamageLog;
}

/**
 * What there is to be verified: something that was a backup once. BackupErrors: "not-found" where nothing is, "refused"
 * for what never became one. A manifest that is lost or cannot be read is damage.
 */
export async function beginVerification(
  { storage, backup, damage }: Verified,
  call: Call,
): Promise<{ readonly manifest: Manifest | undefined; readonly isOurs: boolean }> {
  const before = damage.found;
  const manifest = await noteDamage(damage, { key: MANIFEST_KEY }, () => readManifest(storage, backup, call));
  if (manifest !== undefined) {
    await refuseUncommitted(storage, { backup, manifest }, call);
    return { manifest, isOurs: true };
  }
  if (damage.found > before) return { manifest, isOurs: true };
  const hasLists = await hasObjects(storage, keyInBackup(backup, "meta/objects/"), call);
  const meta = await listMeta(storage, backup, call);
  if (isGoBackup(meta)) {
    if (hasLists) damage.add({ kind: "missing", key: MANIFEST_KEY, message: "the file is not there" });
    return { manifest, isOurs: hasLists };
  }
  if (!(await hasObjects(storage, keyInBackup(backup, ""), call))) {
    throw new BackupError("not-found", `There is no backup ${backup}`, {
      hint: "milvus-backup list shows what there is",
    });
  }
  throw notCommitted(backup, "it has no meta files");
}

/** The last file of a commit tells whether it came to its end: what is missing beside it was lost since. */
async function refuseUncommitted(
  storage: Storage,
  { backup, manifest }: { readonly backup: string; readonly manifest: Manifest },
  call: Call,
): Promise<void> {
  const { state, runId, copiedBy = runId } = manifest;
  if (state === "deleting") throw notCommitted(backup, "it is being deleted");
  if (state === "running" && (await isLeaseLive(storage, copiedBy, call))) {
    throw new BackupError("locked", `Cannot verify ${backup}: it is being made`, { hint: "wait for its end" });
  }
  if (state !== "complete" && state !== "partial") throw notCommitted(backup, `it is ${state}`);
  const last = await storage.stat(keyInBackup(backup, META_KEYS.backup), call);
  const others = await listMeta(storage, backup, call);
  const isWhole = others.has(META_KEYS.full);
  if (last === undefined && !isWhole) throw notCommitted(backup, "it was never committed");
}

function notCommitted(backup: string, why: string): BackupError {
  return new BackupError("refused", `Cannot verify ${backup}: ${why}, so that it is no backup`, {
    hint: `milvus-backup delete ${backup} removes what is left of it`,
  });
}
