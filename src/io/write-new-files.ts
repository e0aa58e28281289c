import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BackupError } from "../core/errors.ts";

export interface WrittenFiles {
  /** Removes them, and the folders that were made for them. */
  undo(): Promise<void>;
}

/**
 * Writes files by their paths from a folder: all of them, or none. BackupError "refused" when one is there already,
 * "failed" when one cannot be written.
 */
export async function writeNewFiles(directory: string, files: ReadonlyMap<string, string>): Promise<WrittenFiles> {
  const written: string[] = [];
  const made: string[] = [];
  const undo = async (): Promise<void> => {
    for (const path of written.splice(0)) await rm(path);
    for (const folder of made.splice(0).toReversed()) await removeEmpty(folder);
  };
  for (const [name, text] of files) {
    const path = join(directory, name);
    try {
      made.push(...(await makeFolder(dirname(path))));
      await writeFile(path, text, { flag: "wx" });
      written.push(path);
    } catch (error) {
      await undo();
      throw explain(error, path);
    }
  }
  return { undo };
}

/** The folders that had to be made, the outermost first. */
async function makeFolder(folder: string): Promise<readonly string[]> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return [];
  const made = [folder];
  while (made[0] !== undefined && made[0] !== first && made[0] !== dirname(made[0])) made.unshift(dirname(made[0]));
  return made;
}

/** Somebody else may have put something there meanwhile, which stays. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && ["ENOTEMPTY", "EEXIST"].includes(String(error.code))))
      throw error;
  }
}

/** Deno's refusal has a hint of its own. */
function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error && "code" in error) || error.name === "NotCapable") return error;
  if (error.code === "EEXIST") return alreadyThere(path);
  return new BackupError("failed", `Cannot write ${path}`, { cause: error, hint: "name a folder that can be written" });
}

/** Nothing that is there is written over. */
export function alreadyThere(path: string): BackupError {
  return new BackupError("refused", `${path} is already there, and is not written over`, {
    hint: "change that one, or work in another folder",
  });
}
