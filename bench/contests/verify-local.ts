import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openLocal } from "../../plugins/storage-local/local.ts";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import { backUpManyObjects } from "../many-objects.ts";
import type { BenchWork } from "../work.ts";
import { LARGE } from "./large-collection.ts";
import { takeBackup } from "./take-backup.ts";

/** Every byte of a backup, next to as many readers of the same files as there are cores. */
export async function verifyLocal(work: BenchWork): Promise<Contest> {
  await fillVectors(work.sandbox.SANDBOX_LOCAL_MILVUS, LARGE);
  const name = await takeBackup(work, "verified", [LARGE.name]);
  return contestOf(join(work.folder, "verified"), name, {
    work,
    size: "1,000,000 rows × 256 floats, 1 GB",
    bound: { times: 1.25, plusSeconds: 0.4, plusWhat: "the start of a process" },
  });
}

/** Of so many bytes that the start of a process is nothing beside them: at 80 % of what openssl reads, as a whole. */
export async function verifyLocalLarge(work: BenchWork): Promise<Contest> {
  const target = join(work.folder, "verified_large");
  await rm(target, { recursive: true, force: true });
  await using storage = await openLocal(target, false);
  await backUpManyObjects(storage, join(work.folder, "segments"), { segments: 88, bytes: 16 * 1024 * 1024 });
  return contestOf(target, "b1", {
    work,
    size: "264 objects of 16 MiB, 4.4 GB",
    bound: { times: 1.25, plusSeconds: 0, plusWhat: "nothing" },
  });
}

interface Verified {
  readonly work: BenchWork;
  readonly size: string;
  readonly bound: { readonly times: number; readonly plusSeconds: number; readonly plusWhat: string };
}

function contestOf(target: string, name: string, { work, size, bound }: Verified): Contest {
  const peer = `openssl dgst -sha256, ${availableParallelism()} at once`;
  const hashAll = `find ${join(target, name)} -type f | xargs -P ${availableParallelism()} -n 1 openssl dgst -sha256`;
  return {
    name: `verify, local disk, ${size.split(", ").at(-1)}`,
    work: `${size}: every object's sha256 compared with the one that was recorded`,
    ours: { name: "milvus-backup verify", command: work.cli("verify", name, "--target", target) },
    peers: [{ name: peer, command: ["sh", "-c", hashAll] }],
    bounds: [{ ...bound, peer }],
  };
}
