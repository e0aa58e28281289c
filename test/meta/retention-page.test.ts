import { expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";

const CONFIG = {
  version: 1,
  sources: { prod: { address: "a:1", storage: "data" } },
  storages: {
    nas: { type: "local", path: "/mnt/nas" },
    offsite: { type: "local", path: "/mnt/offsite" },
    data: { type: "local", path: "/data" },
  },
};

it("docs/retention.md has a policy that loads, and keeps what it says", async () => {
  const page = docBlocks("docs/retention.md").flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]]));
  await using folder = await createConfigFolder({ "milvus-backup.config.json": CONFIG, ...Object.fromEntries(page) });
  const { policies } = await folder.load({ storagePlugins: builtinStorages });
  expect(policies.get("nightly")?.targets).toMatchObject([
    { storage: "nas", retention: { keep: { daily: 7, weekly: 4 }, keepUntilCopied: ["offsite"] } },
    { storage: "offsite", retention: { keep: { daily: 30, monthly: 12, yearly: 3 }, timezone: "Europe/Berlin" } },
  ]);
});
