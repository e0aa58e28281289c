import { expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";

const CONFIG = {
  version: 1,
  sources: { prod: { address: "a:1", storage: "data" }, scratch: { address: "b:1", storage: "data" } },
  storages: { nas: { type: "local", path: "/mnt/nas" }, data: { type: "local", path: "/data" } },
};

it("docs/verification.md has checks that load, and that are due as it says", async () => {
  const page = docBlocks("docs/verification.md").flatMap(({ file, text }) =>
    file === undefined ? [] : [[file, text]],
  );
  await using folder = await createConfigFolder({ "milvus-backup.config.json": CONFIG, ...Object.fromEntries(page) });
  const { policies } = await folder.load({ storagePlugins: builtinStorages });
  const days = (count: number): number => count * 86_400_000;
  expect(policies.get("nightly")?.checks).toEqual([
    { kind: "objects", everyMs: days(1), parts: 1 },
    { kind: "checksum", everyMs: days(1), parts: 30 },
    { kind: "checksum", everyMs: days(30), parts: 1, newest: 3 },
    { kind: "restore", everyMs: days(7), parts: 1, into: { source: "scratch", database: "drill" } },
  ]);
});
