import { readManifest } from "../catalog/read-manifest.ts";
import { withoutIdentity } from "../catalog/unseal-backup.ts";
import { formatDamage } from "../core/check-outcome.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { hashObject } from "../io/hash-object.ts";
import { filesOf } from "./commit-order.ts";
import { openObjectSpool } from "./object-spool.ts";
import { copyOpeners, orNotice, writeAnew } from "./repair-donors.ts";
import type { OpenCopy, Repair } from "./repair-donors.ts";
import { createDamageLog } from "./verify-job.ts";
import type { Verifying } from "./verify-job.ts";
import { verifyMetadata } from "./verify-metadata.ts";

/**
 * Writes the files beside the payload anew that are not those of the commit, from another target whose copy is of the same
 * backup and whole. Gives back the target; undefined when nothing was written. It goes by the order of a commit, and what
 * is right is not touched: what readers go by last becomes right last, and two commits are never mixed.
 */
export async function repairMetas(check: Verifying, repair: Repair): Promise<string | undefined> {
  const isDamaged = check.isOurs && check.damage.found > 0; // what was looked at yet are these files only
  if (!isDamaged) return undefined;
  let healedFrom: string | undefined;
  for (const open of copyOpeners(check, repair, ({ backup, runId }) => isOfBackup(check, { backup, runId }))) {
    await using copy = await open();
    if (copy === undefined) continue;
    const { name } = copy.target;
    const isProven = await orNotice(check, name, async () => {
      await refuseUnproven(check, repair, copy);
      return true;
    });
    if (isProven === undefined) continue;
    const { written, isWhole } = await writeFiles(check, repair, copy);
    if (written > 0) healedFrom = name;
    if (isWhole) break;
  }
  return healedFrom;
}

function isOfBackup({ backup, manifest }: Verifying, found: Pick<Manifest, "backup" | "runId">): boolean {
  return found.backup === backup && (manifest === undefined || found.runId === manifest.runId);
}

/** Throws why the files of this copy are not known to be those of the backup's commit. */
async function refuseUnproven(check: Verifying, { unseal }: Repair, copy: OpenCopy): Promise<void> {
  const { backup, manifest, job } = check;
  const { name, storage: stored } = copy.target;
  await refuseOther(check, copy);
  const storage = (await unseal?.(stored, backup)) ?? stored;
  if (copy.manifest.encryption !== undefined && storage === stored) throw withoutIdentity(backup);
  const damage = createDamageLog();
  await using spool = await openObjectSpool(`${job.run.runId}_donor`);
  const target = { ...copy.target, storage };
  const whole = manifest ?? copy.manifest;
  await verifyMetadata({ ...check, target, stored, spool, damage, isOurs: true, manifest: whole });
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
    ? await isSameFile(check, { donor: target.storage, own: stored, key: META_KEYS.full })
    : own !== undefined && encodeManifest(own) === encodeManifest(manifest);
  if (isSame) return;
  throw new BackupError("refused", `nothing proves that ${backup} in ${target.name} is the same: its files are left`);
}

interface SameFile {
  readonly donor: Verifying["stored"];
  readonly own: Verifying["stored"];
  /** Relative to the backup's directory. */
  readonly key: string;
}

async function isSameFile({ backup, job }: Verifying, { donor, own, key }: SameFile): Promise<boolean> {
  const { signal } = job.run;
  const at = keyInBackup(backup, key);
  const [there, here] = [await donor.stat(at, { signal }), await own.stat(at, { signal })];
  if (there === undefined || there.bytes !== here?.bytes) return false;
  return (await hashObject(donor, at, { signal })) === (await hashObject(own, at, { signal }));
}

async function writeFiles(
  check: Verifying,
  repair: Repair,
  { target, manifest }: OpenCopy,
): Promise<{ readonly written: number; readonly isWhole: boolean }> {
  const { backup, stored, job } = check;
  const { signal } = job.run;
  let written = 0;
  for (const key of filesOf(manifest)) {
    const from = keyInBackup(backup, key);
    const found = await orNotice(check, target.name, async () => {
      if (await isSameFile(check, { donor: target.storage, own: stored, key })) return "same";
      const bytes = (await target.storage.stat(from, { signal }))?.bytes;
      return bytes === undefined ? "not-there" : { bytes, sha256: await hashObject(target.storage, from, { signal }) };
    });
    if (found === "same") continue;
    if (found === undefined || found === "not-there") return { written, isWhole: false };
    const outcome = await writeAnew(check, repair, { donor: { ...target }, from, key, ...found });
    if (outcome !== "written") return { written, isWhole: false }; // nothing behind it is written before it
    written += 1;
  }
  return { written, isWhole: true };
}
