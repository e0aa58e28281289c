import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerCommand } from "./processes.ts";

interface S3Account {
  readonly key: string;
  readonly secret: string;
}

export interface SeaweedOptions {
  readonly weed: string;
  readonly folder: string;
  readonly account: S3Account;
  readonly port: () => Promise<number>;
}

/** SeaweedFS in one process: master, volume server, filer and S3 gateway, all on the loopback address. */
export async function planSeaweed({ weed, folder, account, port }: SeaweedOptions): Promise<ServerCommand> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "s3.json"), JSON.stringify(identities(account)), { mode: 0o600 });
  const ports = await takePorts(port);
  const args = {
    dir: folder,
    ip: "127.0.0.1",
    "ip.bind": "127.0.0.1",
    "master.port": ports.master,
    "master.port.grpc": ports.masterGrpc,
    "master.telemetry": false,
    "master.volumeSizeLimitMB": 1024,
    "volume.port": ports.volume,
    "volume.port.grpc": ports.volumeGrpc,
    "volume.max": 1000, // every bucket takes several volumes; the default, 8, ends at the second bucket
    filer: true,
    "filer.port": ports.filer,
    "filer.port.grpc": ports.filerGrpc,
    s3: true,
    "s3.port": ports.s3,
    "s3.port.grpc": ports.s3Grpc,
    "s3.port.iceberg": 0,
    "s3.port.lance": 0,
    "s3.config": join(folder, "s3.json"),
  };
  return {
    name: "s3",
    command: weed,
    args: ["server", ...Object.entries(args).map(([name, value]) => `-${name}=${value}`)],
    cwd: folder,
    environment: {},
    address: `127.0.0.1:${ports.s3}`,
    // the first fails until a volume can be written
    healthUrls: [`http://127.0.0.1:${ports.master}/dir/assign`, `http://127.0.0.1:${ports.s3}/healthz`],
    leftovers: socketsOf(ports),
  };
}

async function takePorts(port: () => Promise<number>) {
  return {
    master: await port(),
    masterGrpc: await port(),
    volume: await port(),
    volumeGrpc: await port(),
    filer: await port(),
    filerGrpc: await port(),
    s3: await port(),
    s3Grpc: await port(),
  };
}

/** It makes them in /tmp whatever TMPDIR says, and leaves them there. */
function socketsOf(ports: Awaited<ReturnType<typeof takePorts>>): readonly string[] {
  const names = [
    `master-grpc-${ports.masterGrpc}`,
    `volume-grpc-${ports.volumeGrpc}`,
    `filer-${ports.filer}`,
    `filer-grpc-${ports.filerGrpc}`,
    `s3-${ports.s3}`,
    `s3-grpc-${ports.s3Grpc}`,
  ];
  return names.map((name) => `/tmp/seaweedfs-${name}.sock`);
}

/** The second account is what a target is opened with that cannot be written. */
function identities({ key, secret }: S3Account): unknown {
  const identity = (name: string, accessKey: string, actions: readonly string[]) => ({
    name,
    credentials: [{ accessKey, secretKey: secret }],
    actions,
  });
  return {
    identities: [
      identity("sandbox", key, ["Admin", "Read", "Write", "List", "Tagging"]),
      identity("reader", `${key}-reader`, ["Read", "List"]),
    ],
  };
}
