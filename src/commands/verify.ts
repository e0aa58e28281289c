import { CHECK_LEVELS } from "../core/check-level.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, IDENTITY_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const verify: Command = defineCommand({
  name: "verify",
  summary: "Look whether a backup is what it was when it was made",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "Each level takes in those before it. metadata: its files can be read and agree. objects: every object is there with its",
    "size, and nothing more. checksum: every byte is read and compared. spot: rows and counts are compared with the source.",
    "restore: a drill. Damage is exit status 4, and is named: collection, segment, key, expected and found. The result is",
    "kept in the target, and shown by list and get. In every target that has the backup, or the one that --target names.",
  ].join("\n"),
  options: {
    level: { type: "string", value: "LEVEL", choices: CHECK_LEVELS, summary: "How far to look: checksum (default)" },
    part: {
      type: "string",
      value: "N/T",
      summary: "Of checksum: read the Nth of T parts; after all of them every byte was read",
    },
    repair: {
      type: "boolean",
      summary: "Write what is missing or damaged anew, from another target or the source that still has it",
    },
    ...TARGET_OPTION,
    ...SOURCE_OPTIONS,
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
    ...IDENTITY_OPTION,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup verify nightly_20261124_020000", does: "Read all of it, in every target" },
    {
      command: "milvus-backup verify nightly_20261124_020000 --level objects --target offsite",
      does: "Is everything there? One listing",
    },
    { command: "milvus-backup verify nightly_20261124_020000 --part 3/30", does: "A thirtieth of the bytes" },
    { command: "milvus-backup verify nightly_20261124_020000 --repair", does: "Heal one copy from another" },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { verifyBackup } = await import("./verify-backup.ts");
    const { level, part, repair, "dry-run": dryRun, identity: identities } = options;
    const words = { ...readPlaces(options), backup, level, part, repair, dryRun, identities };
    return printOutcome(deps, await verifyBackup(words, toRunCaller(deps, options)), options);
  },
});
