import { expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";

it("docs/encryption.md has a policy that loads, with its recipient", async () => {
  const policy = docBlocks("docs/encryption.md").find(({ language }) => language === "yaml");
  await using folder = await createConfigFolder({
    "milvus-backup.config.yaml": [
      "version: 1",
      "sources: { production: { address: a, storage: data } }",
      "storages: { nas: { type: local, path: /nas }, data: { type: local, path: /data } }",
      "",
    ].join("\n"),
    "policies/nightly.yaml": policy?.text ?? "",
  });
  const { policies } = await folder.load({ storagePlugins: builtinStorages });
  expect(policies.get("nightly")?.encryption?.recipients).toEqual([expect.stringMatching(/^age1/)]);
});
