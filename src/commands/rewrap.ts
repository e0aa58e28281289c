import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, IDENTITY_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";

export const rewrap: Command = defineCommand({
  name: "rewrap",
  summary: "Give the key of an encrypted backup to other recipients",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "For a rotation of keys: only the small file with the backup's own key is written anew, in the one target that has it or",
    "that --target names; an identity that opens it is needed. Who has kept the old file and an old identity can read on.",
  ].join("\n"),
  options: {
    recipient: {
      type: "string",
      multiple: true,
      value: "RECIPIENT",
      summary: "A public key of age, age1…: these can open it then, and nobody else; may be repeated",
    },
    ...IDENTITY_OPTION,
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    {
      command:
        "milvus-backup rewrap nightly_20261124_020000 --identity old.txt --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
      does: "From the old key to a new one",
    },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { rewrapBackup } = await import("./rewrap-backup.ts");
    const { recipient: recipients = [], identity: identities, json } = options;
    const done = await rewrapBackup({ ...readPlaces(options), backup, recipients, identities }, deps);
    deps.print(json ? JSON.stringify(done) : `${done.backup} in ${done.target} opens for ${recipients.join(", ")}`);
    return 0;
  },
});
