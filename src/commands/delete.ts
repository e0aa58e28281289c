import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const deleteCommand: Command = defineCommand({
  name: "delete",
  summary: "Delete one backup, or what is left of one that was interrupted",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "From its first write on the backup is no backup any more; called again, it finishes what was interrupted. A backup that",
    "is in several targets is deleted from the one that --target names.",
  ].join("\n"),
  options: {
    yes: { type: "boolean", short: "y", summary: "Do it; without this, only say what would go" },
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup delete nightly_20261124_020000", does: "What would be deleted" },
    { command: "milvus-backup delete nightly_20261124_020000 --yes", does: "Delete it" },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { deleteBackup } = await import("./delete-backup.ts");
    const { yes = false } = options;
    const outcome = await deleteBackup({ ...readPlaces(options), backup, dryRun: !yes }, toRunCaller(deps, options));
    const status = printOutcome(deps, outcome, options);
    if (yes) return status;
    throw new BackupError("refused", "Nothing is deleted yet", { hint: "say --yes to delete it" });
  },
});
