import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces } from "./options.ts";

export const configShow: Command = defineCommand({
  name: "config show",
  summary: "Print the config and every policy as they are used",
  operands: "",
  arity: { min: 0, max: 0 },
  details: [
    "What is inherited is put together, variables are replaced, defaults filled in, paths absolute. A secret is shown by its",
    "reference, of a URL user and password are masked. It is in the form of a config that holds its policies itself.",
  ].join("\n"),
  options: {
    origin: { type: "boolean", summary: "Say behind each value where it was written: file:line:column, or default" },
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup config show", does: "What a run would use" },
    { command: "milvus-backup config show --env prod --origin", does: "Which file a value is from" },
    { command: "milvus-backup config show --json | jq '.config.policies.nightly'", does: "One policy for a script" },
  ],
  async run(deps, { options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { describeOrigin, listOrigins, showConfig } = await import("../config/show-config.ts");
    const { formatYaml } = await import("../config/format-yaml.ts");
    const { origin = false, json = false } = options;
    const loaded = await loadWorkspace(deps, readPlaces(options));
    const config = showConfig(loaded);
    if (json) deps.print(JSON.stringify({ config, ...(origin && { origins: listOrigins(loaded, config) }) }));
    else
      deps.print(formatYaml(config, (path) => (origin ? describeOrigin(loaded, path, deps.cwd) : undefined)).trimEnd());
    return 0;
  },
});
