import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { formatFindings, statusOf } from "./findings.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces } from "./options.ts";

export const validate: Command = defineCommand({
  name: "validate",
  summary: "Check the config and every policy, without a network",
  operands: "",
  arity: { min: 0, max: 0 },
  details: [
    "Every problem at once, with file, line and column; exit status 13. With --online the doctor looks at every source and",
    "every target as well, as check does, and the exit status is that of the worst that it finds.",
  ].join("\n"),
  options: {
    online: { type: "boolean", summary: "Look at the sources and targets, too" },
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup validate", does: "What CI runs on every change of a policy" },
    { command: "milvus-backup validate --env prod --online", does: "Before a change goes live" },
    { command: "milvus-backup validate --config ops/milvus-backup.config.yaml", does: "A config elsewhere" },
  ],
  async run(deps, { options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { online = false, json = false } = options;
    const config = await loadWorkspace(deps, readPlaces(options));
    const { path, policies, groups, sources, storages } = config;
    const names = {
      config: path,
      policies: [...policies.keys()],
      groups: Object.fromEntries(groups),
      sources: [...sources.keys()],
      storages: [...storages.keys()],
    };
    const text = `${path} is valid; its policies: ${names.policies.join(", ") || "none"}`;
    if (!online) {
      deps.print(json ? JSON.stringify(names) : text);
      return 0;
    }
    const { checkConfig } = await import("./check-places.ts");
    const findings = await checkConfig(config, deps);
    deps.print(json ? JSON.stringify({ ...names, findings }) : `${text}\n\n${formatFindings(findings)}`);
    return statusOf(findings);
  },
});
