import { BackupError } from "../core/errors.ts";
import { dataKeyFiles, keyInBackup, MANIFEST_KEY, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { hashObject } from "../io/hash-object.ts";
import { isAccused } from "./accused-files.ts";
import { filesOf } from "./commit-order.ts";
import { hashOwn, writeAnew } from "./repair-donors.ts";
import type { OpenCopy, Repair } from "./repair-donors.ts";
import type { Verifying } from "./verify-job.ts";

/** A file beside the payload as another target has it, and as it is here. */
export interface ComparedFile {
  /** Relative to the backup's directory. */
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The sha256 of what is here; undefined where nothing is, or what its store calls corrupt. */
  readonly own: string | undefined;
}

/**
 * Those that are to be mended, and the manifest, in the order of a commit. A copy that differs in a file that is not
 * accused here is refused: one of the two is wrong in what no check can see, or was given to other recipients.
 */
export async function compareFiles(check: Verifying, { target, manifest }: OpenCopy): Promise<readonly ComparedFile[]> {
  const { backup, damage, job } = check;
  const { signal } = job.run;
  const files: ComparedFile[] = [];
  for (const key of filesToMend(check, manifest)) {
    const from = keyInBackup(backup, key);
    const info = await target.storage.stat(from, { signal });
    if (info === undefined) throw new BackupError("damaged", `the copy of ${backup} there has no ${key}`);
    const sha256 = await hashObject(target.storage, from, { signal });
    const own = await hashOwn(check, key);
    if (own !== undefined && own !== sha256 && !isAccused(damage, key)) throw isOther(backup, key);
    files.push({ key, bytes: info.bytes, sha256, own });
  }
  return files;
}

/** Of an encrypted backup that cannot be opened first what opens it: the others can be judged after that only. */
function filesToMend({ damage }: Verifying, manifest: Manifest): readonly string[] {
  const { encryption } = manifest;
  if (encryption === undefined) return filesOf(manifest);
  const opening = [...dataKeyFiles(encryption).map(({ file }) => file), SEALED_MANIFEST_KEY, MANIFEST_KEY];
  return opening.some((key) => isAccused(damage, key)) ? opening : filesOf(manifest);
}

function isOther(backup: string, key: string): BackupError {
  return new BackupError("refused", `${key} of ${backup} is another there, and nothing is wrong with it here`);
}

/** Writes what differs; nothing behind a file that could not be written is written before it. */
export async function writeFiles(
  check: Verifying,
  repair: Repair,
  { target, files }: Pick<OpenCopy, "target"> & { readonly files: readonly ComparedFile[] },
): Promise<{ readonly written: number; readonly end: "whole" | "not-there" | "broken" }> {
  let written = 0;
  for (const file of files) {
    const { key, bytes, sha256, own } = file;
    if (own === sha256) continue;
    const watched = files.filter((one) => one === file || one.key === MANIFEST_KEY);
    const guard = async (): Promise<void> => {
      await repair.guard();
      for (const one of watched) await refuseChanged(check, one);
    };
    const from = keyInBackup(check.backup, key);
    const outcome = await writeAnew(check, { ...repair, guard }, { donor: target, from, key, bytes, sha256 });
    if (outcome !== "written") return { written, end: outcome };
    written += 1;
  }
  return { written, end: "whole" };
}

/** Rewrap, and a repair by another host, hold a shared lease as well. */
async function refuseChanged(check: Verifying, { key, own, sha256 }: ComparedFile): Promise<void> {
  const now = await hashOwn(check, key);
  if (now === own || now === sha256) return;
  throw new BackupError("locked", `Cannot heal ${check.backup}: somebody else has written its ${key} meanwhile`, {
    hint: "check it again",
  });
}
