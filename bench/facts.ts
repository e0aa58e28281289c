import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import { VERSION } from "../src/core/version.ts";
import { connectMilvus } from "../src/milvus/connect.ts";
import type { BenchWork } from "./work.ts";

/** The machine and the versions of all that is measured. */
export async function factsOf({ sandbox, peers }: BenchWork): Promise<readonly string[]> {
  await using milvus = await connectMilvus({ address: sandbox.SANDBOX_LOCAL_MILVUS });
  const [cpu] = cpus();
  const [s5cmd, rclone, openssl] = await Promise.all([
    firstLine(peers.s5cmd, "version"),
    firstLine(peers.rclone, "version"),
    firstLine("openssl", "version"),
  ]);
  return [
    `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ${process.platform}`,
    `milvus-backup ${VERSION} on Node ${process.versions.node}, Milvus ${milvus.version.text}, SeaweedFS as the S3 server`,
    `s5cmd ${s5cmd}, ${rclone}, ${openssl}`,
  ];
}

async function firstLine(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return stdout.split("\n")[0] ?? "";
}
