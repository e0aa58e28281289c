import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

const CANARY = "canary-4711";

/** As v0.4.15 has it, with its own spelling of keys. */
const V1 = {
  log: { level: "info", console: true },
  http: { simpleResponse: true },
  milvus: {
    address: "milvus.example",
    port: 19530,
    authorizationEnabled: true,
    user: "root",
    password: CANARY,
    tlsMode: 1,
    caCertPath: "/etc/ca.pem",
  },
  minio: {
    storageType: "minio",
    address: "minio",
    port: 9000,
    accessKeyID: "key",
    secretAccessKey: CANARY,
    useSSL: false,
    bucketName: "a-bucket",
    rootPath: "files",
    backupBucketName: "b-bucket",
    backupRootPath: "backup",
    crossStorage: true,
  },
  backup: { parallelism: { copydata: 32, restoreCollection: 2 }, gcPause: { enable: true, seconds: 7200 } },
  retries: 3,
};

const V2 = {
  configVersion: "v2",
  cloud: null,
  milvus: {
    grpc: { address: "m", port: 1, tlsMode: "mutual", mtlsCertPath: "c.pem", mtlsKeyPath: "k.pem", serverName: "s" },
    management: { endpoint: "http://m:9091" },
    storage: {
      provider: "s3",
      address: "s3.eu-central-1.amazonaws.com",
      port: 443,
      useSSL: true,
      auth: { type: "iam", secretAccessKey: CANARY },
    },
  },
  backup: {
    storage: { provider: "local", rootPath: "/mnt/backups", localPath: "/seen/by/milvus" },
    concurrency: { collections: 2 },
  },
};

interface Imported extends CommandResult {
  readonly config: unknown;
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

async function importOf(content: unknown, env: Readonly<Record<string, string>> = {}): Promise<Imported> {
  await using folder = await createConfigFolder({ "backup.yaml": content });
  const result = await runCommand({ cwd: folder.path, env }, "config import", "backup.yaml", "--json");
  expect(JSON.stringify(result)).not.toContain(CANARY);
  const printed = result.status === 0 ? (JSON.parse(result.stdout) as Imported) : undefined;
  return { ...result, config: printed?.config, leftOut: printed?.leftOut ?? [] };
}

describe("milvus-backup config import", () => {
  it("config import turns a file of the old schema into a config; its secrets are the Go tool's own variables", async () => {
    const { config, stderr } = await importOf(V1);
    const s3 = {
      type: "s3",
      endpoint: "http://minio:9000",
      credentials: { accessKeyId: "key", secretAccessKey: { env: "MINIO_SECRET_KEY" } },
    };
    expect(config).toEqual({
      version: 1,
      sources: {
        milvus: {
          address: "milvus.example:19530",
          auth: { username: "root", password: { env: "MILVUS_PASSWORD" } },
          tls: { ca: "/etc/ca.pem" },
          storage: "milvus-data",
          management: "http://localhost:9091",
        },
      },
      storages: {
        "milvus-data": { ...s3, bucket: "a-bucket", prefix: "files" },
        backups: { ...s3, bucket: "b-bucket", prefix: "backup" },
      },
      limits: { objects: 32 },
      policies: { nightly: { source: "milvus", targets: [{ storage: "backups" }], gc: "prefer" } },
    });
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      "set MILVUS_PASSWORD for every run: the secret of milvus.password",
      "set MINIO_SECRET_KEY for every run: the secret of minio.secretAccessKey",
    ]);
  });

  it("config import turns a file of the new schema into a config", async () => {
    expect((await importOf(V2)).config).toEqual({
      version: 1,
      sources: {
        milvus: {
          address: "m:1",
          tls: { serverName: "s", cert: "c.pem", key: "k.pem" },
          storage: "milvus-data",
          management: "http://m:9091",
        },
      },
      storages: {
        "milvus-data": { type: "s3", region: "eu-central-1", bucket: "a-bucket", prefix: "files" },
        backups: { type: "local", path: "/mnt/backups", readableByMilvus: "/seen/by/milvus" },
      },
      limits: { collections: 2 },
      policies: { nightly: { source: "milvus", targets: [{ storage: "backups" }] } },
    });
  });

  it("config import lists what has no place, keys and variables, each with the reason", async () => {
    const { leftOut, stderr } = await importOf(V1, { BACKUP_KEEP_TEMP_FILES: "true" });
    expect(leftOut.map(({ name }) => name)).toEqual([
      "log.level",
      "log.console",
      "http.simpleResponse",
      "minio.crossStorage",
      "backup.parallelism.restoreCollection",
      "backup.gcPause.seconds",
      "retries",
      "BACKUP_KEEP_TEMP_FILES",
    ]);
    expect(new Map(leftOut.map(({ name, reason }) => [name, reason])).get("retries")).toBe(
      "the Go tool knows no such key",
    );
    for (const { name, reason } of leftOut) expect(stderr).toContain(`left out ${name}: ${reason}`);
    expect((await importOf(V2)).leftOut.map(({ name }) => name)).toEqual(["cloud"]);
  });

  it("config import takes what the environment says over the file, as the Go tool does", async () => {
    const env = {
      MILVUS_ADDRESS: "other",
      MILVUS_PORT: "2",
      MILVUS_TLS_MODE: "0",
      MINIO_ADDRESS: "other-minio",
      MINIO_USE_SSL: "true",
      MINIO_TOKEN: CANARY,
      MINIO_BACKUP_SECRET_KEY: CANARY,
      MINIO_BACKUP_ROOT_PATH: "/b/",
      BACKUP_PARALLELISM_COPYDATA: "7",
    };
    expect((await importOf(V1, env)).config).toMatchObject({
      sources: { milvus: { address: "other:2", auth: { username: "root" } } },
      storages: {
        "milvus-data": {
          endpoint: "https://other-minio:9000",
          credentials: { secretAccessKey: { env: "MINIO_SECRET_KEY" }, sessionToken: { env: "MINIO_TOKEN" } },
        },
        backups: {
          endpoint: "https://other-minio:9000",
          prefix: "b",
          credentials: { secretAccessKey: { env: "MINIO_BACKUP_SECRET_KEY" }, sessionToken: { env: "MINIO_TOKEN" } },
        },
      },
      limits: { objects: 7 },
    });
    const { config } = await importOf(V2, { ...env, BACKUP_STORAGE_AUTH_SECRET_ACCESS_KEY: CANARY });
    expect(config).toMatchObject({ sources: { milvus: { address: "m:1" } } }); // of the new schema, only credentials
  });

  it.each([
    ["nobody logs in", { milvus: { ...V1.milvus, authorizationEnabled: false } }, { address: "milvus.example:19530" }],
    ["nobody is named", { milvus: { ...V1.milvus, user: "" } }, { address: "milvus.example:19530" }],
  ])("config import makes a source without credentials where %s", async (_, change, source) => {
    const { config } = await importOf({ ...V1, ...change });
    const { milvus } = (config as { readonly sources: { readonly milvus: object } }).sources;
    const management = "http://localhost:9091";
    expect(milvus).toEqual({ ...source, tls: { ca: "/etc/ca.pem" }, storage: "milvus-data", management });
  });

  it.each([
    ["ali", { forcePathStyle: false, credentials: expect.anything() }],
    ["hwc", { forcePathStyle: false, credentials: expect.anything() }],
    ["gcp", { credentials: expect.anything() }],
  ])("config import reaches a bucket of %s by its S3 interface", async (storageType, expected) => {
    const { config } = await importOf({ ...V1, minio: { ...V1.minio, storageType, address: "oss.example" } });
    const { storages } = config as { readonly storages: { readonly backups: object } };
    expect(storages.backups).toEqual({
      type: "s3",
      endpoint: "http://oss.example:9000",
      bucket: "b-bucket",
      prefix: "backup",
      ...expected,
    });
  });

  it.each([
    [{ minio: { rootPath: "" } }, [undefined, "backup"]],
    [{ minio: { rootPath: "", backupRootPath: "b" } }, [undefined, "b"]],
    [{ minio: { rootPath: "files", backupRootPath: "" } }, ["files", undefined]],
    [{ minio: { rootPath: "files", backupBucketName: "b" } }, ["files", "files"]],
    [{ configVersion: "v2" }, ["files", "backup"]],
    [{ configVersion: "v2", milvus: { storage: { rootPath: "" } } }, [undefined, "backup"]],
  ])("config import of %j has the root paths %j, as the Go tool has them", async (content, prefixes) => {
    const { config } = await importOf(content);
    const { storages } = config as { readonly storages: Readonly<Record<string, { readonly prefix?: string }>> };
    expect(Object.values(storages).map(({ prefix }) => prefix)).toEqual(prefixes);
  });

  it("config import says so where a service's own roles would be needed", async () => {
    const { leftOut } = await importOf({ ...V1, minio: { ...V1.minio, storageType: "tc", useIAM: true } });
    const reason = "roles of tc are not known here: give the storage credentials";
    expect(leftOut).toContainEqual({ name: "minio.useIAM", reason });
  });

  it.each([
    [{ backup: { gcPause: { enable: true } } }, {}, ["http://localhost:9091", "prefer"]],
    [{ backup: { gcPause: { enable: true, address: "http://proxy:9091" } } }, {}, ["http://proxy:9091", "prefer"]],
    [{ backup: { gcPause: { enable: false, address: "proxy:9091" } } }, {}, ["http://proxy:9091", "off"]],
    [{}, { BACKUP_GC_PAUSE_ENABLE: "true", BACKUP_GC_PAUSE_ADDRESS: "http://p:1" }, ["http://p:1", "prefer"]],
    [{}, {}, [undefined, undefined]],
    [{ configVersion: "v2", backup: { pauseGC: false } }, {}, [undefined, "off"]],
    [{ configVersion: "v2", backup: { pauseGC: true } }, {}, ["http://localhost:9091", "prefer"]],
    [{ configVersion: "v2", milvus: { management: { endpoint: "http://m:9091" } } }, {}, ["http://m:9091", undefined]],
  ])("config import of %j with %j pauses garbage collection by %j", async (content, env, expected) => {
    const { config, leftOut } = await importOf(content, { MINIO_BACKUP_ROOT_PATH: "b", ...env });
    const { sources, policies } = config as {
      readonly sources: { readonly milvus: { readonly management?: string } };
      readonly policies: { readonly nightly: { readonly gc?: string } };
    };
    expect([[sources.milvus.management, policies.nightly.gc], leftOut]).toEqual([expected, []]);
  });

  it.each([
    ["a storage without a plugin", { minio: { storageType: "azure" } }, 15, "there is no plugin for it"],
    ["a storage that is none", { storage: { storageType: "tape" } }, 13, "the Go tool does not know it"],
    ["backups among Milvus's own files", { minio: { rootPath: "x" } }, 13, "this is where the source"],
    ["a prefix that is none", { minio: { rootPath: "a/../b", backupRootPath: "c" } }, 13, "expected a prefix"],
    ["another schema", { configVersion: "v3" }, 13, "expected v1 or v2"],
    ["text", "just text", 13, "expected a map"],
    ["what is no YAML", `minio: { secretAccessKey: ${CANARY} ]`, 13, "backup.yaml:1:"],
  ])("config import of %s ends with what is wrong, and prints nothing", async (...[, content, status, message]) => {
    const result = await importOf(content);
    expect([result.status, result.stdout, result.stderr]).toEqual([status, "", expect.stringContaining(message)]);
  });

  it("config import prints a config as YAML that loads", async () => {
    await using folder = await createConfigFolder({ "backup.yaml": V1 });
    const { stdout } = await runCommand({ cwd: folder.path }, "config import", "backup.yaml");
    await using again = await createConfigFolder({ "milvus-backup.config.yaml": `${stdout}\n` });
    expect([...(await again.load({ storagePlugins: builtinStorages })).policies.keys()]).toEqual(["nightly"]);
  });

  it("config import --out writes a config and a policy that load, and never over what is there", async () => {
    const odd = { ...V1.minio, bucketName: "a${b}" };
    await using folder = await createConfigFolder({ "backup.yaml": { ...V1, minio: odd } });
    const run = (...args: readonly string[]) =>
      runCommand({ cwd: folder.path, env: { MILVUS_BACKUP_ENV: "prod" } }, "config import", "backup.yaml", ...args);
    expect(await run("--out", "ops/new")).toMatchObject({
      status: 0,
      stdout: "Wrote milvus-backup.config.yaml and policies/nightly.yaml into ops/new",
    });
    const path = join(folder.path, "ops/new");
    const { storages, policies } = await folder.load({ cwd: path, storagePlugins: builtinStorages });
    expect(storages.get("milvus-data")?.options["bucket"]).toBe("a${b}");
    expect([...policies.keys()]).toEqual(["nightly"]);
    const before = await readFile(join(path, "milvus-backup.config.yaml"), "utf8");
    expect(before).not.toContain(CANARY);
    expect(await run("--out", "ops/new")).toMatchObject({ status: 15, stdout: "" });
    expect(await readFile(join(path, "milvus-backup.config.yaml"), "utf8")).toBe(before);
  });

  it("config import --out leaves nothing behind when what comes of it is not valid", async () => {
    await using folder = await createConfigFolder({ "backup.yaml": { minio: { rootPath: "x" } } });
    const { status } = await runCommand({ cwd: folder.path }, "config import", "backup.yaml", "--out", "new/ops");
    expect([status, await readdir(folder.path)]).toEqual([13, ["backup.yaml"]]);
  });

  it("config import of a file that is not there ends with 10", async () => {
    await using folder = await createConfigFolder({});
    const result = await runCommand({ cwd: folder.path }, "config import", "backup.yaml");
    expect(result).toMatchObject({
      status: 10,
      stdout: "",
      stderr: expect.stringContaining("Cannot read backup.yaml"),
    });
  });
});
