import { describe, expect, it } from "vitest";
import { refuse } from "../../scripts/lint/import-rule.mjs";

/** What the table must refuse: each line is a violation that was planted once. */
const PLANTED = [
  ["src/core/plan.ts", "yaml"],
  ["src/core/plan.ts", "fs"],
  ["src/core/plan.ts", "node:fs/promises"],
  ["src/core/plan.ts", "../milvus/connect.ts"],
  ["src/core/plan.ts", "../format/meta.ts"],
  ["src/format/json.ts", "node:buffer"],
  ["src/format/json.ts", "../io/body.ts"],
  ["src/report/table.ts", "../engine/run.ts"],
  ["src/catalog/list.ts", "../milvus/connect.ts"],
  ["src/milvus/connect.ts", "../engine/run.ts"],
  ["src/engine/run.ts", "../commands/list.ts"],
  ["src/commands/list.ts", "../../plugins/storage-s3/index.ts"],
  ["plugins/storage-s3/index.ts", "../../src/core/errors.ts"],
  ["plugins/storage-s3/index.ts", "../storage-local/index.ts"],
  ["plugins/storage-local/index.ts", "@aws-sdk/client-s3"],
  ["policies/nightly.ts", "../src/index.ts"],
] as const;

describe("import table", () => {
  it.each(PLANTED)("refuse() names the row when %s imports %s", (file, specifier) => {
    expect(refuse(file, specifier)).toContain("may not import");
  });

  it("refuse() lets pass what the table allows, and files outside of it", () => {
    const allowed = [
      refuse("src/core/plan.ts", "zod"),
      refuse("src/core/plan.ts", "./errors.ts"),
      refuse("src/milvus/connect.ts", "@grpc/grpc-js"),
      refuse("src/milvus/connect.ts", "../core/errors.ts"),
      refuse("plugins/storage-s3/read.ts", "../../src/plugin.ts"),
      refuse("test/core/plan.test.ts", "yaml"),
    ];
    expect(allowed).toEqual(allowed.map(() => undefined));
  });
});
