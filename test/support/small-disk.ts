import { execFile } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  /** Fills it up, but for so many bytes. */
  fill(leaving: number): Promise<void>;
  free(): Promise<void>;
  setWritable(isWritable: boolean): Promise<void>;
}

/** A disk of 4 MiB that is really full when it is filled. Mounting one is root's right: where it fails, the test does. */
export async function mountSmallDisk(path: string): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path]);
  const filler = join(path, "filler");
  const free = (): Promise<void> => rm(filler, { force: true });
  return {
    free,
    fill: async (leaving) => {
      await free();
      const { bavail, bsize } = await statfs(path);
      await writeFile(filler, new Uint8Array(bavail * bsize - leaving));
    },
    setWritable: async (isWritable) => {
      await run("mount", ["-o", `remount,${isWritable ? "rw" : "ro"}`, path]);
    },
    [Symbol.asyncDispose]: async () => {
      await run("umount", [path]);
    },
  };
}
