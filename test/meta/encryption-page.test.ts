import { expect, it } from "vitest";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";

it("docs/encryption.md has a config with identities and policies that load, with their recipients", async () => {
  const blocks = docBlocks("docs/encryption.md").filter(({ language }) => language === "yaml");
  const files = blocks.map(({ file = "policies/nightly.yaml", text }) => [file, text] as const);
  await using folder = await createConfigFolder(Object.fromEntries(files));
  const { policies, identities } = await folder.load({ storagePlugins: builtinStorages });
  const recipients = [expect.stringMatching(/^age1/)];
  expect(policies.get("nightly")?.encryption).toEqual({ recipients });
  expect(policies.get("weekly")?.targets).toMatchObject([
    { storage: "nas", prefix: "" },
    { storage: "offsite", encryption: { recipients } },
  ]);
  expect(identities).toEqual([{ file: "./key.txt" }, { credential: "milvus-backup-identity" }]);
});
