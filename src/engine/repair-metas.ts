import type { Manifest } from "../format/manifest.ts";
import { ask, copyOpeners } from "./repair-donors.ts";
import type { Repair } from "./repair-donors.ts";
import { compareFiles, writeFiles } from "./repair-files.ts";
import { refuseUnproven } from "./repair-proof.ts";
import type { Verifying } from "./verify-job.ts";

export interface RepairedMetas {
  /** The target that files were taken from; undefined when none was written. */
  readonly healedFrom?: string | undefined;
  /** Targets that gave no answer: they failed, or nobody here can read what they have. */
  readonly unasked: readonly string[];
}

/**
 * Writes the files beside the payload anew that are not those of the commit, from another target whose copy is of the same
 * backup and whole. It goes by the order of a commit: what readers go by last becomes right last, and two commits are
 * never mixed. What the checks hold for right is not touched.
 */
export async function repairMetas(check: Verifying, repair: Repair): Promise<RepairedMetas> {
  const isDamaged = check.isOurs && check.damage.found > 0; // what was looked at yet are these files only
  if (!isDamaged) return { unasked: [] };
  const unasked: string[] = [];
  let healedFrom: string | undefined;
  for (const open of copyOpeners(check, repair, (manifest) => isOfBackup(check, manifest))) {
    await using copy = await open();
    if (copy === undefined) continue;
    const { name } = copy.target;
    const answer = await ask(check, name, async () => {
      await refuseUnproven(check, repair, copy);
      return compareFiles(check, copy);
    });
    if (answer.kind === "failed") unasked.push(name);
    if (answer.kind !== "given") continue;
    const { written, end } = await writeFiles(check, repair, { ...copy, files: answer.value });
    if (written > 0) healedFrom = name;
    if (end === "broken") unasked.push(name);
    if (end === "whole") break;
  }
  return { healedFrom, unasked };
}

/** A copy of the backup, as far as its manifest tells. */
export function isOfBackup({ backup, manifest }: Verifying, found: Pick<Manifest, "backup" | "runId">): boolean {
  return found.backup === backup && (manifest === undefined || found.runId === manifest.runId);
}
