import { openStorage } from "../config/open-storage.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { revealAuth, revealManagementAuth } from "../config/reveal-auth.ts";
import type { RevealedAuth } from "../config/reveal-auth.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Call, StorageLocation } from "../core/contracts/storage.ts";
import type { ClosedTarget, OpenSource, OpenTarget } from "../engine/places.ts";
import type { Management } from "../milvus/management.ts";
import type { MilvusSession } from "../milvus/session.ts";
import { systemClock } from "../io/clock.ts";
import { joinPrefix, scopeStorage } from "../io/scoped-storage.ts";
import type { SourcePlace } from "./workspace.ts";
import type { Caller } from "./caller.ts";

const CONNECT_TIMEOUT_MS = 15_000;

export async function openTarget(
  config: LoadedConfig,
  settings: StorageSettings,
  { signal }: Caller,
): Promise<OpenTarget> {
  const storage = await openStorage(config, settings, { signal });
  return {
    name: targetName(settings),
    storage,
    readableByMilvus: settings.readableByMilvus,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** A target that is opened when its turn comes. */
export function closeTarget(config: LoadedConfig, settings: StorageSettings, caller: Caller): ClosedTarget {
  return { name: targetName(settings), open: () => openTarget(config, settings, caller) };
}

/** What a target is called in plans, reports and lists. */
export function targetName({ name, prefix }: StorageSettings): string {
  return prefix === "" ? name : `${name}/${prefix}`;
}

/** Connects to Milvus, and opens the storage that holds its segments at its root and at its root path. */
export async function openSource(
  config: LoadedConfig,
  { source, storage }: SourcePlace,
  caller: Caller,
): Promise<OpenSource> {
  const { signal } = caller;
  const milvus = await connectSource(config, { source, storage }, caller);
  try {
    const root = await openStorage(config, { ...storage, prefix: "" }, { signal });
    return {
      name: source.name,
      milvus,
      management: await managementOf(config, source),
      root,
      segments: scopeStorage(root, storage.prefix),
      rootPath: rootPathOf(root.location, storage.prefix),
      readableByMilvus: storage.readableByMilvus,
      [Symbol.asyncDispose]: async () => {
        await milvus[Symbol.asyncDispose]();
        await root[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await milvus[Symbol.asyncDispose]();
    throw error;
  }
}

/** Connects to its Milvus only. */
export async function connectSource(
  config: LoadedConfig,
  { source, storage }: SourcePlace,
  { signal }: Caller,
): Promise<MilvusSession> {
  const { connectMilvus } = await import("../milvus/connect.ts");
  const auth = await revealAuth(config.secrets, { ...source, storage: storage.name }, { signal });
  const deadline = systemClock.now() + CONNECT_TIMEOUT_MS;
  const { address, tls } = source;
  return await connectMilvus({ address, tls, auth, mask: config.secrets.mask }, { signal, deadline });
}

/** Its secrets are fetched when it is asked for something. */
async function managementOf({ secrets }: LoadedConfig, source: SourcePlace["source"]): Promise<Management | undefined> {
  const { management, name } = source;
  if (management === undefined) return undefined;
  const { createManagement } = await import("../milvus/management.ts");
  const url = typeof management === "string" ? management : management.url;
  const auth = (call: Call): Promise<RevealedAuth | undefined> =>
    revealManagementAuth(secrets, { management, name }, call);
  return createManagement({ url, auth, mask: secrets.mask });
}

/** What Milvus's own paths begin with: the directory on a disk, the root path in a bucket. */
function rootPathOf({ path }: StorageLocation, prefix: string): string {
  return path === undefined ? prefix : joinPrefix(path, prefix);
}
