import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION } from "./options.ts";

export const validate: Command = defineCommand({
  name: "validate",
  summary: "Check the config and every policy, without a network",
  operands: "",
  arity: { min: 0, max: 0 },
  details: "Every problem at once, with file, line and column; exit status 13.",
  options: { ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup validate", does: "What CI runs on every change of a policy" },
    { command: "milvus-backup validate --config ops/milvus-backup.config.yaml", does: "A config elsewhere" },
  ],
  async run(deps, { options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { path, policies, groups, sources, storages } = await loadWorkspace(deps, options);
    const names = {
      config: path,
      policies: [...policies.keys()],
      groups: Object.fromEntries(groups),
      sources: [...sources.keys()],
      storages: [...storages.keys()],
    };
    const text = `${path} is valid; its policies: ${names.policies.join(", ") || "none"}`;
    deps.print(options.json ? JSON.stringify(names) : text);
    return 0;
  },
});
