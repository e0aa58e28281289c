/** Runs the Go tool, zilliztech/milvus-backup v0.4.15 or v0.5.16, on the Milvus that has its segments on a local disk. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalMilvus } from "./sandbox.ts";

export interface GoToolPlace {
  /** The built program. */
  readonly binary: string;
  /** Where its config and its log go. */
  readonly directory: string;
  readonly milvus: LocalMilvus;
  /** The directory that its backups and ours are in. */
  readonly target: string;
}

/** Its commands; each gives what it printed, and throws with it when the program fails. */
export interface GoTool {
  /** Of whole databases. */
  create(backup: string, databases: readonly string[]): Promise<string>;
  list(): Promise<string>;
  get(backup: string): Promise<string>;
  delete(backup: string): Promise<string>;
  /** With its indexes, each collection under its name and the suffix. */
  restore(backup: string, suffix: string): Promise<string>;
}

export async function openGoTool(place: GoToolPlace): Promise<GoTool> {
  const config = join(place.directory, "backup.yaml");
  await writeFile(config, JSON.stringify(goConfig(place), undefined, 2)); // which is YAML, too
  const run = async (...args: readonly string[]): Promise<string> => {
    const options = { cwd: place.directory, maxBuffer: 64 * 1024 * 1024 }; // `get` shows every log
    const { stdout } = await promisify(execFile)(place.binary, ["--config", config, ...args], options);
    return stdout;
  };
  return {
    create: (backup, databases) => {
      const everything = Object.fromEntries(databases.map((database) => [database, []]));
      return run("create", "-n", backup, "--database_collections", JSON.stringify(everything));
    },
    list: () => run("list"),
    get: (backup) => run("get", "-n", backup),
    delete: (backup) => run("delete", "-n", backup),
    restore: (backup, suffix) => run("restore", "-n", backup, "-s", suffix, "--restore_index"),
  };
}

/** In the schema that all releases up to v0.5 read. */
function goConfig({ directory, milvus, target }: GoToolPlace): object {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(milvus.address) ?? [];
  return {
    log: { level: "warn", console: false, file: { filename: join(directory, "backup.log") } },
    milvus: { address: host, port: Number(port), user: "", password: "", authorizationEnabled: false, tlsMode: 0 },
    minio: { storageType: "local", rootPath: milvus.root, backupStorageType: "local", backupRootPath: target },
    backup: { gcPause: { enable: false } },
  };
}
