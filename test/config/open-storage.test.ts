import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findStorage } from "../../src/config/find.ts";
import { belowPrefix, openStorage } from "../../src/config/open-storage.ts";
import { defineStorage, type Storage } from "../../src/plugin.ts";
import { createConfigFolder, minimalConfig, storagePlugins } from "../support/config-folder.ts";

const CANARY = "canary-4711";

const write = (storage: Storage, key: string, text: string): Promise<unknown> => {
  const bytes = Buffer.from(text);
  return storage.write(key, {
    size: bytes.length,
    async *open(offset = 0) {
      yield bytes.subarray(offset);
    },
  });
};

const keysOf = async (storage: Storage): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const entry of storage.list("")) if (entry.kind === "object") keys.push(entry.key);
  return keys;
};

describe("openStorage()", () => {
  it("openStorage() opens at the storage's prefix and what is below it, relative to the config's folder", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        ...minimalConfig,
        storages: { ...minimalConfig.storages, nas: { type: "local", path: "kept", prefix: "milvus" } },
      },
      "kept/milvus/a/b": "1",
    });
    const config = await folder.load();
    const nas = findStorage(config, "nas");
    await using storage = await openStorage(config, nas);
    expect([storage.location.prefix, storage.location.path]).toEqual(["milvus", `${folder.path}/kept`]);
    await using below = await openStorage(config, belowPrefix(nas, "a"));
    await write(below, "c", "2");
    expect([await keysOf(storage), await keysOf(below)]).toEqual([
      ["a/b", "a/c"],
      ["b", "c"],
    ]);
  });

  it("openStorage() hands secrets to the plugin, and hides them when the plugin refuses them", async () => {
    const opened: unknown[] = [];
    const vault = defineStorage<{ key: string }>({
      apiVersion: 1,
      name: "vault",
      options: z.strictObject({
        key: z
          .string()
          .refine((key) => !key.includes("wrong"), { error: ({ input }) => `no such key: ${String(input)}` }),
      }),
      open: async (options) => {
        opened.push(options);
        return (await storagePlugins["memory"]?.())?.open({}) ?? Promise.reject(new Error("no memory"));
      },
    });
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        ...minimalConfig,
        storages: { ...minimalConfig.storages, vault: { type: "vault", key: { env: "KEY" } } },
      },
    });
    const plugins = { ...storagePlugins, vault: async () => vault };
    const right = await folder.load({ storagePlugins: plugins, env: { KEY: CANARY } });
    await using storage = await openStorage(right, findStorage(right, "vault"));
    expect([storage.location.type, opened]).toEqual(["memory", [{ key: CANARY }]]);
    const wrong = await folder.load({ storagePlugins: plugins, env: { KEY: `wrong-${CANARY}` } });
    await expect(openStorage(wrong, findStorage(wrong, "vault"))).rejects.toMatchObject({
      code: "invalid",
      message: "Cannot open the storage vault: key: no such key: ***",
    });
  });
});
