import { BackupError } from "../core/errors.ts";
import { ALIAS_CHOICES, CONFLICT_POLICIES, INDEX_CHOICES } from "./choices.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, IDENTITY_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const restore: Command = defineCommand({
  name: "restore",
  summary: "Bring a backup back, and compare what came back",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "Into the source that it was made of, or the one that --source names. Rows are compared with the live rows of",
    "the backup, partition by partition; a difference is exit status 4, with the numbers. So is a schema, property,",
    "index, partition or alias that is not as it was asked for; what the server adds of its own is noted. It is read from",
    "the target that --from names, or the first of all policies that has it whole.",
  ].join("\n"),
  options: {
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    from: { type: "string", value: "PLACE", names: "storages", summary: "The same as --target" },
    collections: {
      type: "string",
      multiple: true,
      value: "GLOB",
      summary: "Only these, as database.name; may be repeated",
    },
    suffix: { type: "string", short: "s", value: "TEXT", summary: "Put behind every name" },
    rename: {
      type: "string",
      short: "r",
      multiple: true,
      value: "A:B",
      summary: "c1:c2, db1.c1:db2.c2 or db1.*:db2.*; may be repeated",
    },
    "on-conflict": {
      type: "string",
      value: "HOW",
      choices: CONFLICT_POLICIES,
      summary: "For names that are taken: fail (default), skip, replace or append",
    },
    index: { type: "string", value: "HOW", choices: INDEX_CHOICES, summary: "same (default), auto or none" },
    aliases: {
      type: "string",
      value: "WHICH",
      choices: ALIAS_CHOICES,
      summary: "kept (default: of collections that keep their name), all or none",
    },
    load: { type: "boolean", summary: "Load what was loaded when the backup was made" },
    resume: {
      type: "boolean",
      summary: "Go on with the same restore that was interrupted: what is whole is left, the rest is made anew",
    },
    "dry-run": { type: "boolean", summary: "Check the backup, show the plan and stop" },
    ...IDENTITY_OPTION,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup restore nightly_20261124_020000", does: "All of it, under the old names" },
    {
      command: "milvus-backup restore nightly_20261124_020000 --suffix _restored --load",
      does: "Beside what is there",
    },
    {
      command: "milvus-backup restore nightly_20261124_020000 --collections 'shop.*' --rename 'shop.*:drill.*'",
      does: "A database under another name",
    },
    {
      command:
        "milvus-backup restore b1 --target /mnt/nas --source localhost:19530 --source-storage /var/lib/milvus/data",
      does: "Without a config",
    },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { restoreBackup } = await import("./restore-backup.ts");
    const {
      from,
      rename: renames,
      "on-conflict": onConflict,
      "dry-run": dryRun,
      env: _,
      identity: identities,
      ...others
    } = options;
    if (from !== undefined && options.target !== undefined) {
      throw new BackupError("usage", "Cannot use --from and --target together", { hint: "they mean the same" });
    }
    const places = readPlaces(options);
    const words = {
      ...others,
      ...places,
      target: from ?? places.target,
      backup,
      renames,
      onConflict,
      dryRun,
      identities,
    };
    return printOutcome(deps, await restoreBackup(words, toRunCaller(deps, options)), options);
  },
});
