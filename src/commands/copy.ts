import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, IDENTITY_OPTION, readPlaces } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const copy: Command = defineCommand({
  name: "copy",
  summary: "Bring a backup into another target, byte for byte",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "Every object is proven by the checksum that was recorded when the backup was made. A copy that was stopped goes on where",
    "it stopped; one that is there already is compared. The copy is the same backup: it is listed, verified and restored like",
    "the first, by this tool and by the Go tool. Where the policy encrypts that target to others, or --encrypt-to does, it is",
    "encrypted on the way; one that is encrypted already needs an identity, and its key is given to them. Of a backup of the Go",
    "tool nothing was recorded: both sides are read and compared.",
  ].join("\n"),
  options: {
    to: {
      type: "string",
      value: "PLACE",
      names: "storages",
      summary: "Where it is brought: a target or storage of the config, a path, or s3://bucket/prefix?endpoint=…",
    },
    from: {
      type: "string",
      value: "PLACE",
      names: "storages",
      summary: "Where it is read; else the first target of all policies that has it whole",
    },
    "encrypt-to": {
      type: "string",
      multiple: true,
      value: "RECIPIENT",
      summary: "A public key of age, age1…, that the copy is encrypted to; may be repeated",
    },
    ...IDENTITY_OPTION,
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    {
      command: "milvus-backup copy nightly_20261124_020000 --to offsite",
      does: "What offsite missed while it was down",
    },
    {
      command: "milvus-backup copy nightly_20261124_020000 --from /mnt/nas/milvus --to s3://a-bucket/milvus",
      does: "Without a config",
    },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { to, from, "dry-run": dryRun, "encrypt-to": encryptTo, identity: identities } = options;
    if (to === undefined) throw new BackupError("usage", "Cannot tell where to copy to", { hint: "say --to PLACE" });
    const { copyBackup } = await import("./copy-backup.ts");
    const { config, environment } = readPlaces(options);
    const words = { config, environment, backup, to, from, dryRun, encryptTo, identities };
    const outcome = await copyBackup(words, toRunCaller(deps, options));
    return printOutcome(deps, outcome, options);
  },
});
