import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";

export const configSchema: Command = defineCommand({
  name: "config schema",
  summary: "Print the JSON schema of a config or of a policy",
  operands: "[config|policy]",
  arity: { min: 0, max: 1 },
  completes: ["config", "policy"],
  details: [
    "Editors check and complete files by it: JSON has a key $schema for its path, YAML a first line",
    "`# yaml-language-server: $schema=PATH`. It is of one file, which may inherit the rest; validate checks the whole.",
  ].join("\n"),
  options: {},
  examples: [
    { command: "milvus-backup config schema policy > policy.schema.json", does: "For the files in policies/" },
    { command: "milvus-backup config schema > config.schema.json", does: "For milvus-backup.config.yaml" },
  ],
  async run(deps, { names: [name = "config"] }) {
    if (name !== "config" && name !== "policy") {
      throw new BackupError("usage", `There is no schema of a ${name}`, { hint: "say config or policy" });
    }
    const { builtinStorages } = await import("../builtins.ts");
    const { configFileSchema, policyFileSchema } = await import("../config/json-schema.ts");
    const schema = name === "config" ? await configFileSchema(builtinStorages) : policyFileSchema();
    deps.print(JSON.stringify(schema, undefined, 2));
    return 0;
  },
});
