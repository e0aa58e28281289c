import { describe, expect, it } from "vitest";
import { findPolicy, findSource, findStorage } from "../../src/config/find.ts";
import { emptyConfig } from "../../src/config/load-config.ts";
import { createConfigFolder, minimalConfig, minimalPolicy, storagePlugins } from "../support/config-folder.ts";

const none = (word: string) =>
  expect.objectContaining({
    code: "not-found",
    message: `There is no ${word} "x"`,
    hint: `the config has no ${word}`,
  });

describe("findPolicy()", () => {
  it("findPolicy() gives the policy of that name", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": { ...minimalConfig, policies: { nightly: minimalPolicy, weekly: minimalPolicy } },
    });
    const config = await folder.load();
    expect(findPolicy(config, "weekly").name).toBe("weekly");
    expect(() => findPolicy(config, "nigthly")).toThrow(
      expect.objectContaining({
        code: "not-found",
        message: 'There is no policy "nigthly", did you mean "nightly"?',
        hint: "there is nightly, weekly",
      }),
    );
    expect(() => findPolicy(config, "constructor")).toThrow('There is no policy "constructor"');
  });
});

describe("findSource(), findStorage()", () => {
  it("findSource(), findStorage() say so when the config has none", () => {
    const config = emptyConfig({ cwd: "/", env: {}, storagePlugins });
    expect(() => findSource(config, "x")).toThrow(none("source"));
    expect(() => findStorage(config, "x")).toThrow(none("storage"));
  });
});
