/** A config with a policy, on the fake Milvus and directories. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openLocal } from "../../plugins/storage-local/local.ts";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { createConfigFolder } from "./config-folder.ts";
import { startFakeMilvus } from "./fake-milvus.ts";
import type { FakeMilvus } from "./fake-milvus.ts";
import { createMilvusWorld } from "./milvus-world.ts";
import type { MilvusWorld } from "./milvus-world.ts";
import type { CommandPlace, CommandResult } from "./run-command.ts";
import { runCommand } from "./run-command.ts";

export interface PolicyPlace extends AsyncDisposable {
  readonly path: string;
  readonly world: MilvusWorld;
  readonly fake: FakeMilvus;
  readonly run: (...args: readonly [string, ...string[]]) => Promise<CommandResult>;
  /** The directory behind a storage: data, nas or offsite. */
  readonly storage: (name: string) => Promise<Storage>;
}

/** The policy nightly writes to nas and copies to offsite, unless it is told otherwise. */
export async function openPolicyPlace(
  policy: Partial<PolicyConfig> = {},
  { now }: Pick<CommandPlace, "now"> = {},
): Promise<PolicyPlace> {
  const world = await createMilvusWorld(["shop.a", "shop.b"]);
  const fake = await startFakeMilvus(world.handlers, { version: "v2.3.5" });
  const folder = await createConfigFolder({
    "milvus-backup.config.json": {
      version: 1,
      sources: { prod: { address: fake.address, storage: "data" } },
      storages: {
        data: { type: "local", path: "./data", prefix: "files" },
        nas: { type: "local", path: "./nas" },
        offsite: { type: "local", path: "./offsite" },
      },
      policies: { nightly: { source: "prod", targets: [{ storage: "nas" }, { storage: "offsite" }], ...policy } },
    },
  });
  const { path } = folder;
  for (const name of ["data", "nas", "offsite"]) await mkdir(join(path, name));
  const storage = (name: string): Promise<Storage> => openLocal(join(path, name), false);
  await using data = await storage("data");
  await world.seed(data);
  return {
    path,
    world,
    fake,
    storage,
    run: (name, ...args) => runCommand({ cwd: path, ...(now && { now }) }, name, ...args),
    [Symbol.asyncDispose]: async () => {
      await fake[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
