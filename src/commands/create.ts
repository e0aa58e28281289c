import { CONSISTENCIES, GC_MODES } from "./choices.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, readPlaces, RESUME_OPTION, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const create: Command = defineCommand({
  name: "create",
  summary: "Take a one-off backup without a policy",
  operands: "",
  arity: { min: 0, max: 0 },
  details:
    "MILVUS_ADDRESS, MILVUS_MANAGEMENT, MILVUS_USERNAME with MILVUS_PASSWORD, or MILVUS_TOKEN stand in for a source without a config.",
  options: {
    name: { type: "string", short: "n", value: "NAME", summary: "The backup's name; else backup_ and the time" },
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    include: {
      type: "string",
      multiple: true,
      value: "PATTERN",
      summary: "Collections as database.name, a glob or /regular expression/; else all; may be repeated",
    },
    exclude: { type: "string", multiple: true, value: "PATTERN", summary: "Collections to leave out; may be repeated" },
    consistency: {
      type: "string",
      value: "HOW",
      choices: CONSISTENCIES,
      summary: "flush (default), skip-flush or meta-only",
    },
    ...RESUME_OPTION,
    gc: {
      type: "string",
      value: "HOW",
      choices: GC_MODES,
      summary: "Pause Milvus's garbage collection: require, prefer or off; else prefer where the source has management",
    },
    "encrypt-to": {
      type: "string",
      multiple: true,
      value: "RECIPIENT",
      summary: "Encrypt it to this public key of age, age1…; may be repeated. The Go tool cannot read it then",
    },
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup create -n before_upgrade", does: "With the config's only source and target" },
    {
      command: "milvus-backup create -n before_upgrade --resume",
      does: "Go on with it when it was interrupted; with the same --include, --exclude and --consistency",
    },
    {
      command:
        "milvus-backup create -n b1 --source localhost:19530 --source-storage /var/lib/milvus/data --target /mnt/nas --include 'shop.*'",
      does: "Without a config",
    },
  ],
  async run(deps, { options }) {
    const { createBackup } = await import("./create-backup.ts");
    const { name: backup, include, exclude, consistency, gc, resume, "encrypt-to": encryptTo } = options;
    const words = { ...readPlaces(options), backup, include, exclude, consistency, gc, resume, encryptTo };
    return printOutcome(deps, await createBackup(words, toRunCaller(deps, options)), options);
  },
});
