import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchWork } from "../work.ts";

/** A backup of these collections of the local Milvus, the only one in a folder of the bench; gives back its name. */
export async function takeBackup(work: BenchWork, folder: string, collections: readonly string[]): Promise<string> {
  const { SANDBOX_LOCAL_MILVUS: address, SANDBOX_LOCAL_ROOT: root } = work.sandbox;
  const target = join(work.folder, folder);
  await rm(target, { recursive: true, force: true });
  const places = ["--source", address, "--source-storage", root, "--target", target];
  const included = collections.flatMap((collection) => ["--include", collection]);
  const [program = "", ...args] = work.cli("create", "-n", "bench", ...included, ...places);
  await promisify(execFile)(program, args, { cwd: "/" });
  return "bench";
}
