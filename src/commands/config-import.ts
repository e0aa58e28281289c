import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION } from "./options.ts";

export const configImport: Command = defineCommand({
  name: "config import",
  summary: "Turn the Go tool's backup.yaml into a config and a policy",
  operands: "FILE",
  arity: { min: 1, max: 1 },
  details: [
    "Both schemas are read, v1 (minio.*) and v2, with the environment variables of the Go tool over the file, as it does it.",
    "Prints a config that holds its policy, or writes two files into --out. Secrets become references to the Go tool's own",
    "variables, which stderr names; so it does with every key that has no place here, and why.",
  ].join("\n"),
  options: {
    out: { type: "string", value: "FOLDER", summary: "Write the files there; what is there is not written over" },
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup config import backup.yaml", does: "Look at what becomes of it" },
    { command: "milvus-backup config import configs/backup.yaml --out .", does: "Write config and policy here" },
  ],
  async run(deps, { names: [file = ""], options }) {
    const { IMPORTED_POLICY, importConfig, writeImported } = await import("./import-config.ts");
    const { formatYaml } = await import("../config/format-yaml.ts");
    const { out, json = false } = options;
    const imported = await importConfig(file, deps);
    await writeImported(imported, { file, out }, deps);
    const { config, policy, variables, leftOut } = imported;
    const whole = { ...config, policies: { [IMPORTED_POLICY]: policy } };
    if (json) deps.print(JSON.stringify({ config: whole, variables, leftOut }));
    else if (out === undefined) deps.print(formatYaml(whole).trimEnd());
    else deps.print(`Wrote milvus-backup.config.yaml and policies/${IMPORTED_POLICY}.yaml into ${out}`);
    for (const { name, from } of variables) deps.warn(`set ${name} for every run: the secret of ${from}`);
    for (const { name, reason } of leftOut) deps.warn(`left out ${name}: ${reason}`);
    return 0;
  },
});
