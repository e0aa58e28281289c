import { EXIT_STATUS } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";

export const unpin: Command = defineCommand({
  name: "unpin",
  summary: "Let a backup that was pinned be deleted again",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details:
    "In every target that has it, or in the one that --target names. It deletes nothing; retention decides then.",
  options: { ...TARGET_OPTION, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [{ command: "milvus-backup unpin nightly_20261124_020000", does: "Let retention have it" }],
  async run(deps, { names: [backup = ""], options }) {
    const { unpinBackup } = await import("./pin-backup.ts");
    const { targets, warnings } = await unpinBackup({ ...readPlaces(options), backup }, deps);
    for (const warning of warnings) deps.warn(warning);
    if (options.json) deps.print(JSON.stringify({ backup, targets }));
    else deps.print(`${backup} is not pinned in ${targets.join(" and ")}`);
    return warnings.length === 0 ? 0 : EXIT_STATUS.partial;
  },
});
