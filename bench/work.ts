import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { s3 } from "../plugins/storage-s3/index.ts";
import type { SandboxEnvironment } from "../scripts/sandbox/environment.ts";
import { findOwnEnvironment } from "../scripts/sandbox/environment.ts";
import { bringUp } from "../scripts/sandbox/up.ts";
import type { Storage } from "../src/plugin.ts";
import { installPeers } from "./peers.ts";
import type { PeerPrograms } from "./peers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the contests are held on. */
export interface BenchWork extends AsyncDisposable {
  readonly sandbox: SandboxEnvironment;
  /** Ours to write in. */
  readonly folder: string;
  readonly peers: PeerPrograms;
  /** The whole bucket of the Milvus on S3. */
  readonly bucket: Storage;
  /** Credentials for it, as all S3 clients read them; never in a command line. */
  readonly s3Env: Readonly<Record<string, string>>;
  /** The command line of the built tool. */
  cli(...args: readonly string[]): readonly string[];
  /** Of one of our own scripts. */
  script(name: string, ...args: readonly string[]): readonly string[];
  readonly report: (line: string) => void;
}

export async function openWork(report: (line: string) => void): Promise<BenchWork> {
  const folder = join(root, ".bench");
  await mkdir(folder, { recursive: true });
  report("building the tool");
  await promisify(execFile)("npm", ["run", "-s", "build"], { cwd: root });
  const sandbox = findOwnEnvironment(process.env) ?? (await bringUp(report)).environment;
  report("installing the peers");
  const peers = await installPeers(folder);
  const { SANDBOX_S3_BUCKET: bucket, SANDBOX_S3_ENDPOINT: endpoint } = sandbox;
  const credentials = { accessKeyId: sandbox.SANDBOX_S3_KEY, secretAccessKey: sandbox.SANDBOX_S3_SECRET };
  const storage = await s3.open(s3.options.parse({ bucket, endpoint, credentials }));
  return {
    sandbox,
    folder,
    peers,
    bucket: storage,
    s3Env: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: "us-east-1",
    },
    cli: (...args) => [process.execPath, join(root, "dist/src/cli.js"), ...args],
    script: (name, ...args) => [
      join(root, "node_modules/.bin/tsx"),
      "--conditions=source",
      join(root, "bench", name),
      ...args,
    ],
    report,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}
