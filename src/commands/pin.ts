import { EXIT_STATUS } from "../core/errors.ts";
import { formatPin } from "../core/pin.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";

export const pin: Command = defineCommand({
  name: "pin",
  summary: "Keep a backup from being deleted",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "In every target that has it, or in the one that --target names. Neither delete nor prune takes it then, until unpin, or",
    "until the pin expires. Another pin takes the place of an earlier one. A target that cannot be looked at is told, and",
    "the exit status is 3.",
  ].join("\n"),
  options: {
    reason: { type: "string", value: "TEXT", summary: "Why; list and prune show it" },
    until: {
      type: "string",
      value: "DATE",
      summary:
        "When the pin expires: a date, whose end it is in UTC, or a time as 2027-01-31T12:00:00Z; never when absent",
    },
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup pin nightly_20261124_020000 --reason 'audit of 2026'", does: "Keep it for good" },
    { command: "milvus-backup pin nightly_20261124_020000 --until 2027-12-31", does: "Keep it for a while" },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { pinBackup } = await import("./pin-backup.ts");
    const { reason, until, json = false } = options;
    const { targets, warnings, pin: held } = await pinBackup({ ...readPlaces(options), backup, reason, until }, deps);
    for (const warning of warnings) deps.warn(warning);
    if (json) deps.print(JSON.stringify({ backup, targets, pin: held }));
    else deps.print(`${backup} is pinned in ${targets.join(" and ")}: ${formatPin(held)}`);
    return warnings.length === 0 ? 0 : EXIT_STATUS.partial;
  },
});
