import { expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";

const CONFIG = {
  version: 1,
  sources: { prod: { address: "a:1", storage: "data" } },
  storages: { nas: { type: "local", path: "/mnt/nas" }, data: { type: "local", path: "/data" } },
};

it("docs/scheduling.md has a policy that loads, and is due as it says", async () => {
  const page = docBlocks("docs/scheduling.md").flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]]));
  await using folder = await createConfigFolder({ "milvus-backup.config.json": CONFIG, ...Object.fromEntries(page) });
  const { policies } = await folder.load({ storagePlugins: builtinStorages });
  expect(policies.get("nightly")?.schedule).toEqual({
    cron: "0 2 * * *",
    timezone: "Europe/Berlin",
    jitterMs: 600_000,
    overlap: "skip",
    graceMs: 7_200_000,
  });
});
