import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, TARGET_OPTION } from "./options.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

export const completion: Command = defineCommand({
  name: "completion",
  summary: "Print what makes a shell complete commands, options and names",
  operands: "[bash|zsh|fish]",
  arity: { min: 0, max: 1 },
  completes: SHELLS,
  details: [
    "Names of policies, groups, sources, storages and backups are looked up when TAB is pressed, in the config that is",
    "found from there.",
  ].join("\n"),
  options: {
    names: {
      type: "string",
      value: "KIND",
      choices: ["policies", "groups", "sources", "storages", "backups"],
      summary: "Print the names of a kind, a line each: what the shell calls",
    },
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
  },
  examples: [
    {
      command: "milvus-backup completion bash",
      does: "For bash: in ~/.bashrc, source <(milvus-backup completion bash)",
    },
    {
      command: "milvus-backup completion zsh",
      does: "For zsh: in ~/.zshrc after compinit, source <(milvus-backup completion zsh)",
    },
    {
      command: "milvus-backup completion fish",
      does: "For fish: milvus-backup completion fish > ~/.config/fish/completions/milvus-backup.fish",
    },
    { command: "milvus-backup completion --names policies", does: "Names for a script" },
  ],
  async run(deps, { names: [shell], options }) {
    const { names: kind, ...choices } = options;
    if (kind !== undefined) {
      const { listNames } = await import("./list-names.ts");
      for (const name of await listNames(kind, choices, deps)) deps.print(name);
      return 0;
    }
    const format = SHELLS.find((known) => known === shell);
    if (format === undefined) {
      throw new BackupError("usage", "Cannot tell which shell is meant", { hint: `say one of ${SHELLS.join(", ")}` });
    }
    deps.print(await formatCompletion(format));
    return 0;
  },
});

async function formatCompletion(shell: (typeof SHELLS)[number]): Promise<string> {
  const { COMMAND_LOADERS } = await import("./commands.ts");
  const { bashCompletion, zshCompletion } = await import("./completion-bash.ts");
  const { fishCompletion } = await import("./completion-fish.ts");
  const formats = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
  return formats[shell](await Promise.all(Object.values(COMMAND_LOADERS).map((load) => load())));
}
