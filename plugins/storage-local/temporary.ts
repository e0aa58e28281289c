import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Directory } from "./directory.ts";
import { hasCode } from "./errors.ts";

const ATTEMPTS = 10;
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** A name in the scratch folder for the time of `use`; nothing is left there, whatever happens. */
export async function withTemporary<T>({ scratch }: Directory, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(scratch, randomUUID());
  try {
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** Makes the folder when `use` does not find it, also when a delete takes it away again in between. */
export async function inFolder<T>(path: string, isDurable: boolean, use: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt > 1) await makeFolder(path, isDurable);
      return await use();
    } catch (error) {
      if (!hasCode(error, "ENOENT") || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Makes what was renamed into the folder, or removed from it, outlast a power cut. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error; // deleted since, by somebody else
  }
}

/** Removes what writers that were killed have left: untouched for a day, a write cannot be under way. */
export async function removeAbandoned({ scratch }: Directory, now: number): Promise<void> {
  for (const name of await namesIn(scratch)) {
    const path = join(scratch, name);
    try {
      const { ctimeMs } = await stat(path); // a hard link has its object's mtime
      if (ctimeMs < now - ABANDONED_MS) await rm(path, { force: true });
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

async function makeFolder(path: string, isDurable: boolean): Promise<void> {
  const first = await makeAll(path);
  if (first === undefined || !isDurable) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Node calls it ENOENT when the file system is read-only; asked for one folder alone it says EROFS. */
async function makeAll(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (error) {
    if (hasCode(error, "ENOENT")) await mkdir(await topmostMissing(path));
    throw error;
  }
}

async function topmostMissing(path: string): Promise<string> {
  const above = dirname(path);
  try {
    await stat(above);
    return path;
  } catch (error) {
    if (!hasCode(error, "ENOENT") || above === path) throw error;
    return topmostMissing(above);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
