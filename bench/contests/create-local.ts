import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import type { BenchWork } from "../work.ts";
import { LARGE, timeFlush } from "./large-collection.ts";

/** A backup onto the disk, next to a copy of the same files with their checksums by what every machine has. */
export async function createLocal(work: BenchWork): Promise<Contest> {
  const { SANDBOX_LOCAL_MILVUS: address, SANDBOX_LOCAL_ROOT: root } = work.sandbox;
  const segments = join(root, "insert_log", await fillVectors(address, LARGE));
  const [ours, theirs] = [join(work.folder, "backups"), join(work.folder, "copy")];
  const places = ["--source", address, "--source-storage", root, "--target", ours];
  const copyAndHash = `cp -r ${segments} ${theirs} && find ${theirs} -type f -exec openssl dgst -sha256 {} +`;
  return {
    name: "create, local disk",
    work: "1,000,000 rows × 256 floats, 1 GB: every object copied, its sha256 recorded, the copy compared",
    ours: {
      name: "milvus-backup create",
      command: work.cli("create", "-n", "bench", "--include", LARGE.name, ...places),
      prepare: () => rm(ours, { recursive: true, force: true }),
    },
    peers: [
      {
        name: "cp -r + openssl dgst",
        command: ["sh", "-c", copyAndHash],
        prepare: () => rm(theirs, { recursive: true, force: true }),
      },
    ],
    bounds: [
      {
        times: 1.5,
        peer: "cp -r + openssl dgst",
        plusSeconds: (await timeFlush(address)) + 1,
        plusWhat: "the flush + 1 s",
      },
    ],
  };
}
