import { planDelete } from "../core/delete-plan.ts";
import { BackupError } from "../core/errors.ts";
import { formatPlan } from "../report/format-plan.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { findTarget } from "./find-target.ts";
import { openTarget } from "./open-places.ts";
import { CONFIG_OPTION, EVENTS_OPTION, TARGET_OPTION } from "./options.ts";
import { printReport, startRun } from "./start-run.ts";
import { loadWorkspace } from "./workspace.ts";

export const deleteCommand: Command = defineCommand({
  name: "delete",
  summary: "Delete one backup, or what is left of one that was interrupted",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  details: "From its first write on the backup is no backup any more; called again, it finishes what was interrupted.",
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
  async run(deps, { names: [name = ""], options }) {
    const { json = false } = options;
    const config = await loadWorkspace(deps, options);
    const { settings, entry } = await findTarget(config, name, { flags: options, deps });
    await using target = await openTarget(config, settings, deps);
    const plan = planDelete(entry, target.name);
    if (!options.yes) {
      deps.print(json ? JSON.stringify(plan) : formatPlan(plan));
      throw new BackupError("refused", "Nothing is deleted yet", { hint: "say --yes to delete it" });
    }
    const { runDelete } = await import("../engine/delete.ts");
    return printReport(deps, await runDelete(plan, startRun(deps, { json }), target), { json });
  },
});
