import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import type { BenchWork } from "../work.ts";
import { LARGE } from "./large-collection.ts";
import { takeBackup } from "./take-backup.ts";

/** Every byte of a backup, next to as many readers of the same files as there are cores. */
export async function verifyLocal(work: BenchWork): Promise<Contest> {
  await fillVectors(work.sandbox.SANDBOX_LOCAL_MILVUS, LARGE);
  const name = await takeBackup(work, "verified", [LARGE.name]);
  const target = join(work.folder, "verified");
  const peer = `openssl dgst -sha256, ${availableParallelism()} at once`;
  const hashAll = `find ${join(target, name)} -type f | xargs -P ${availableParallelism()} -n 1 openssl dgst -sha256`;
  return {
    name: "verify, local disk",
    work: "1,000,000 rows × 256 floats, 1 GB: every object's sha256 compared with the one that was recorded",
    ours: { name: "milvus-backup verify", command: work.cli("verify", name, "--target", target) },
    peers: [{ name: peer, command: ["sh", "-c", hashAll] }],
    bounds: [{ times: 1.25, peer, plusSeconds: 0.4, plusWhat: "the start of a process" }],
  };
}
