import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BackupError } from "../core/errors.ts";

/** A directory for the files of a run on this machine. */
export function makeScratch(runId: string): Promise<string> {
  return inScratch(tmpdir(), () => mkdtemp(path.join(tmpdir(), `milvus-backup-${runId}-`)));
}

/** Writes into such a directory; a full or read-only disk is the operator's to mend, not a bug. */
export async function inScratch<T>(directory: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isOfFileSystem(error)) throw error;
    throw new BackupError("failed", `Cannot write to the temporary directory ${directory}`, {
      cause: error,
      hint: "free space there, or set TMPDIR to a directory that can hold the meta files of a backup",
    });
  }
}

/** By ENOSPC, EROFS and the like; what Node finds wrong with its arguments begins with ERR_. */
function isOfFileSystem(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^E(?!RR_)/.test(String(error.code));
}
