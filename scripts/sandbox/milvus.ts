import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { milvusSettings } from "./milvus-settings.ts";
import type { ServerCommand } from "./processes.ts";

export interface MilvusOptions {
  readonly name: string;
  /** Holds `bin/` and `configs/`, shared by all instances. */
  readonly programs: string;
  readonly folder: string;
  readonly port: () => Promise<number>;
  /** Where segments are kept, as settings. */
  readonly storage: Readonly<Record<string, string>>;
}

const components = ["ROOTCOORD", "QUERYCOORD", "QUERYNODE", "INDEXCOORD", "INDEXNODE", "DATACOORD", "DATANODE"];

/** Milvus standalone with an etcd of its own inside; nothing of it is shared with another instance but the programs. */
export async function planMilvus({ name, programs, folder, port, storage }: MilvusOptions): Promise<ServerCommand> {
  await mkdir(localRootOf(folder), { recursive: true });
  await mkdir(join(folder, "logs")); // glog.conf says so
  await cp(join(programs, "configs"), join(folder, "configs"), { recursive: true });
  const etcdPort = await port();
  const etcdConfig = join(folder, "configs/etcd.yaml");
  await writeFile(etcdConfig, etcdSettings(join(folder, "etcd"), etcdPort, await port()));
  const proxyPort = await port();
  const metricsPort = await port();
  return {
    name,
    command: join(programs, "bin/milvus"),
    args: ["run", "standalone"],
    cwd: folder,
    environment: {
      ...milvusSettings,
      ...(await componentSettings(port)),
      ...storage,
      PROXY_PORT: String(proxyPort),
      METRICS_PORT: String(metricsPort),
      ETCD_ENDPOINTS: `127.0.0.1:${etcdPort}`,
      ETCD_CONFIG_PATH: etcdConfig,
      ETCD_DATA_DIR: join(folder, "etcd"),
      LOCALSTORAGE_PATH: localRootOf(folder),
      ROCKSMQ_PATH: join(folder, "rocksmq"),
      MILVUS_RUN_DIR: join(folder, "run"),
      DEPLOY_MODE: "STANDALONE",
      LD_LIBRARY_PATH: join(programs, "bin"),
    },
    address: `127.0.0.1:${proxyPort}`,
    healthUrls: [`http://127.0.0.1:${metricsPort}/healthz`],
    leftovers: [],
  };
}

/** Where an instance keeps its segments, or its cache of them. */
export function localRootOf(folder: string): string {
  return join(folder, "data");
}

/** Bound to the loopback address by name: else they find each other by an address that changes with the network. */
async function componentSettings(port: () => Promise<number>): Promise<Record<string, string>> {
  const settings: Record<string, string> = { PROXY_IP: "127.0.0.1", PROXY_INTERNALPORT: String(await port()) };
  for (const component of components) {
    settings[`${component}_IP`] = "127.0.0.1";
    settings[`${component}_PORT`] = String(await port());
  }
  return settings;
}

/** JSON is YAML. */
function etcdSettings(dataFolder: string, clientPort: number, peerPort: number): string {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return JSON.stringify({
    name: "default",
    "data-dir": dataFolder,
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
  });
}
