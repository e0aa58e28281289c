import { readManifest } from "../catalog/read-manifest.ts";
import { withoutIdentity } from "../catalog/unseal-backup.ts";
import { formatDamage } from "../core/check-outcome.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import { hashObject } from "../io/hash-object.ts";
import { openObjectSpool } from "./object-spool.ts";
import { hashOwn } from "./repair-donors.ts";
import type { OpenCopy, Repair } from "./repair-donors.ts";
import { createDamageLog } from "./verify-job.ts";
import type { Verifying } from "./verify-job.ts";
import { verifyMetadata } from "./verify-metadata.ts";

/** Throws why the files of this copy are not known to be those of the backup's commit. */
export async function refuseUnproven(check: Verifying, { unseal }: Repair, copy: OpenCopy): Promise<void> {
  const { backup, job } = check;
  const { signal } = job.run;
  const { name, storage: stored } = copy.target;
  await refuseOther(check, copy);
  const storage = (await unseal?.(stored, backup)) ?? stored; // by its own keys, which may be lost here
  if (copy.manifest.encryption !== undefined && storage === stored) throw withoutIdentity(backup);
  const manifest = await readManifest(storage, backup, { signal }); // with the names that are sealed
  const damage = createDamageLog();
  await using spool = await openObjectSpool(`${job.run.runId}_donor`);
  const target = { ...copy.target, storage };
  await verifyMetadata({ ...check, target, stored, spool, damage, isOurs: true, manifest });
  const [first] = damage.kept;
  if (first === undefined) return;
  throw new BackupError("damaged", `the copy of ${backup} in ${name} is damaged itself: ${formatDamage(first)}`);
}

/**
 * The manifest tells; where it is lost, full_meta.json does, which has the id of the run's commit and all that it is of.
 * A copy that was encrypted to others on its way has another manifest, and is no witness.
 */
async function refuseOther(check: Verifying, { target, manifest }: OpenCopy): Promise<void> {
  const { backup, stored, job } = check;
  const isClaim = manifest.state === "complete" || manifest.state === "partial";
  if (!isClaim) throw new BackupError("refused", `${backup} is ${manifest.state} there`);
  const isLost = check.manifest === undefined;
  const own = isLost ? undefined : await readManifest(stored, backup, { signal: job.run.signal }); // as it is stored
  const isSame = isLost
    ? await hasSameMeta(check, target)
    : own !== undefined && encodeManifest(own) === encodeManifest(manifest);
  if (isSame) return;
  throw new BackupError("refused", `nothing proves that ${backup} in ${target.name} is the same: its files are left`);
}

async function hasSameMeta(check: Verifying, { storage }: OpenCopy["target"]): Promise<boolean> {
  const { backup, job } = check;
  const own = await hashOwn(check, META_KEYS.full);
  if (own === undefined) return false;
  return own === (await hashObject(storage, keyInBackup(backup, META_KEYS.full), { signal: job.run.signal }));
}
