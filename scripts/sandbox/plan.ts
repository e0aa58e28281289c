import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SandboxEnvironment } from "./environment.ts";
import type { Programs } from "./install.ts";
import { localRootOf, planMilvus } from "./milvus.ts";
import { sandboxFolder } from "./paths.ts";
import { openPortPool } from "./ports.ts";
import type { ServerCommand } from "./processes.ts";
import { planSeaweed } from "./seaweed.ts";

/** A new sandbox: its folder with configuration files, and how to start what it consists of. */
export interface ServerPlan {
  readonly dataFolder: string;
  readonly local: ServerCommand;
  readonly seaweed: ServerCommand;
  readonly s3: ServerCommand;
  readonly environment: SandboxEnvironment;
}

const bucket = "milvus";
const rootPath = "files";

export async function planServers({ milvusFolder, weed }: Programs): Promise<ServerPlan> {
  const dataFolder = resolve(sandboxFolder, `data-${Date.now()}`);
  await mkdir(dataFolder, { recursive: true });
  const port = openPortPool();
  const account = { key: "sandbox", secret: randomBytes(16).toString("hex") };
  const instance = (name: string) => ({ name, programs: milvusFolder, folder: join(dataFolder, name), port });
  const seaweed = await planSeaweed({ weed, folder: join(dataFolder, "s3"), account, port });
  const local = await planMilvus({ ...instance("milvus-local"), storage: { COMMON_STORAGETYPE: "local" } });
  const s3 = await planMilvus({ ...instance("milvus-s3"), storage: s3Settings(seaweed.address, account) });
  const environment = {
    SANDBOX_LOCAL_MILVUS: local.address,
    SANDBOX_LOCAL_ROOT: localRootOf(join(dataFolder, "milvus-local")),
    SANDBOX_S3_MILVUS: s3.address,
    SANDBOX_S3_ENDPOINT: `http://${seaweed.address}`,
    SANDBOX_S3_BUCKET: bucket,
    SANDBOX_S3_ROOT: rootPath,
    SANDBOX_S3_KEY: account.key,
    SANDBOX_S3_SECRET: account.secret,
  };
  return { dataFolder, local, seaweed, s3, environment };
}

/** Data of a sandbox that is down is kept for a look at it until the next one starts. */
export async function removeOldData(): Promise<void> {
  const names = (await readdir(sandboxFolder)).filter((name) => name.startsWith("data-"));
  await Promise.all(names.map((name) => rm(join(sandboxFolder, name), { recursive: true })));
}

function s3Settings(address: string, { key, secret }: { key: string; secret: string }): Record<string, string> {
  const [host = "", port = ""] = address.split(":");
  return {
    COMMON_STORAGETYPE: "minio",
    MINIO_ADDRESS: host,
    MINIO_PORT: port,
    MINIO_ACCESSKEYID: key,
    MINIO_SECRETACCESSKEY: secret,
    MINIO_USESSL: "false",
    MINIO_BUCKETNAME: bucket,
    MINIO_ROOTPATH: rootPath,
  };
}
