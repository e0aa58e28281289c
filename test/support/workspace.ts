import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { s3 } from "../../plugins/storage-s3/index.ts";
import type { BackupEntry } from "../../src/catalog/entry.ts";
import { deleteKeys } from "../../src/catalog/delete-backup.ts";
import type { Config } from "../../src/core/contracts/config.ts";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { BackupEvent } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import type { Storage } from "../../src/plugin.ts";
import { createConfigFolder } from "./config-folder.ts";
import { dropDatabase } from "./dataset.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { sandboxEnv } from "./sandbox.ts";
import { keysOf } from "./storage-content.ts";

export interface Workspace extends AsyncDisposable {
  /** The folder that holds the config. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of no other workspace: names that begin with it can be shared with nobody. */
  readonly id: string;
  /** The directory behind the storage `disk`. */
  readonly disk: string;
  /** The whole bucket of the S3 Milvus. */
  readonly bucket: Storage;
  /** The name of a database that is dropped on both servers in the end. */
  database(name: string): string;
  /** Runs a command as it would be typed, but for quotes: none of its words may have a space. */
  milvusBackup(commandLine: string): Promise<CommandResult>;
  list(target: "disk" | "bucket-backups"): Promise<readonly BackupEntry[]>;
}

/** A policy that backs these collections of the local Milvus up to the storage `disk`. */
export function toDisk(...include: readonly string[]): PolicyConfig {
  return { source: "local", targets: [{ storage: "disk" }], select: { include } };
}

/** What a test adds to the config that has both servers. */
type Additions = Partial<
  Pick<Config, "sources" | "storages" | "policies" | "groups" | "defaults" | "limits" | "plugins">
>;

/**
 * A folder with a config for both servers of the sandbox: sources `local` and `s3`, and for backups the storages `disk`
 * and `bucket-backups`. Disposing it removes the folder, the backups, and the databases that it gave names to.
 */
export async function createWorkspace(
  additions: (workspace: Pick<Workspace, "database">) => Additions = () => ({}),
): Promise<Workspace> {
  const { local, s3: remote } = sandboxEnv();
  const id = `t${randomBytes(4).toString("hex")}`;
  const prefix = `tests/${id}`;
  const databases = new Set<string>();
  const database: Workspace["database"] = (name) => {
    databases.add(`${id}_${name}`);
    return `${id}_${name}`;
  };
  const config = configOf(prefix, additions({ database }));
  const folder = await createConfigFolder({ "milvus-backup.config.yaml": JSON.stringify(config) }); // which is YAML, too
  const { endpoint, key: accessKeyId, secret: secretAccessKey } = remote;
  const credentials = { accessKeyId, secretAccessKey };
  const bucket = await s3.open(s3.options.parse({ bucket: remote.bucket, endpoint, credentials }));
  const place = { cwd: folder.path, env: { SANDBOX_S3_SECRET: secretAccessKey } };
  const milvusBackup: Workspace["milvusBackup"] = (commandLine) => {
    const [command = "", ...args] = commandLine.split(" ").filter((word) => word !== "");
    return runCommand(place, command, ...args);
  };
  return {
    path: folder.path,
    env: place.env,
    id,
    disk: join(folder.path, "backups"),
    bucket,
    database,
    milvusBackup,
    list: async (target) => JSON.parse((await milvusBackup(`list --target ${target} --json`)).stdout) as BackupEntry[],
    [Symbol.asyncDispose]: async () => {
      for (const name of databases) {
        await dropDatabase(local.address, name);
        await dropDatabase(remote.address, name);
      }
      await deleteKeys(bucket, await keysOf(bucket, `${prefix}/`));
      await bucket[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What a command printed with --json. */
export function eventsOf({ stdout }: CommandResult): readonly BackupEvent[] {
  return stdout.split("\n").map((line) => JSON.parse(line) as BackupEvent);
}

/** The last line of what a command printed with --json. */
export function reportOf({ stdout, stderr }: CommandResult): RunReport & { readonly type: "report" } {
  const line = stdout.split("\n").at(-1) ?? "";
  if (!line.startsWith('{"type":"report"')) throw new Error(`There is no report: ${stdout}\n${stderr}`);
  return JSON.parse(line) as RunReport & { readonly type: "report" };
}

function configOf(prefix: string, { sources, storages, ...others }: Additions): Config {
  const { local, s3: remote } = sandboxEnv();
  const bucket = {
    type: "s3",
    endpoint: remote.endpoint,
    bucket: remote.bucket,
    credentials: { accessKeyId: remote.key, secretAccessKey: { env: "SANDBOX_S3_SECRET" } },
  };
  return {
    version: 1,
    sources: {
      local: { address: local.address, storage: "milvus-disk" },
      s3: { address: remote.address, storage: "milvus-bucket" },
      ...sources,
    },
    storages: {
      "milvus-disk": { type: "local", path: local.root },
      "milvus-bucket": { ...bucket, prefix: remote.root },
      disk: { type: "local", path: "./backups" },
      "bucket-backups": { ...bucket, prefix },
      ...storages,
    },
    ...others,
  };
}
