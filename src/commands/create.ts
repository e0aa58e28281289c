import { BackupError } from "../core/errors.ts";
import type { Consistency } from "../core/contracts/config.ts";
import { isBackupName, toBackupName } from "../format/backup-name.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printReport } from "./start-run.ts";
import { takeBackup } from "./take-backup.ts";
import { chooseSource, chooseTarget, loadWorkspace } from "./workspace.ts";

const CONSISTENCIES: readonly Consistency[] = ["flush", "skip-flush", "meta-only"];

export const create: Command = defineCommand({
  name: "create",
  summary: "Take a one-off backup without a policy",
  operands: "",
  arity: { min: 0, max: 0 },
  details:
    "MILVUS_ADDRESS, MILVUS_USERNAME with MILVUS_PASSWORD, or MILVUS_TOKEN stand in for a source without a config.",
  options: {
    name: { type: "string", short: "n", value: "NAME", summary: "The backup's name; else backup_ and the time" },
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    include: {
      type: "string",
      multiple: true,
      value: "GLOB",
      summary: "Collections as database.name; else all; may be repeated",
    },
    exclude: { type: "string", multiple: true, value: "GLOB", summary: "Collections to leave out; may be repeated" },
    consistency: { type: "string", value: "HOW", summary: "flush (default), skip-flush or meta-only" },
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup create -n before_upgrade", does: "With the config's only source and target" },
    {
      command:
        "milvus-backup create -n b1 --source localhost:19530 --source-storage /var/lib/milvus/data --target /mnt/nas --include 'shop.*'",
      does: "Without a config",
    },
  ],
  async run(deps, { options }) {
    const { json = false, include = ["*.*"], exclude = [] } = options;
    const backup = options.name ?? toBackupName("backup", deps.now());
    checkName(backup);
    const consistency = toConsistency(options.consistency ?? "flush");
    const config = await loadWorkspace(deps, options);
    const source = chooseSource(config, { flags: options, deps });
    const target = chooseTarget(config, { flags: options, deps });
    const request = { backup, source, target, select: { include, exclude }, consistency, limits: config.limits };
    return printReport(deps, await takeBackup(config, request, { deps, json }), { json });
  },
});

function checkName(name: string): void {
  if (isBackupName(name)) return;
  throw new BackupError("usage", `${JSON.stringify(name.slice(0, 80))} cannot be a backup's name`, {
    hint: "a name has a letter or _ first, then letters, digits and _, 128 bytes at most",
  });
}

function toConsistency(text: string): Consistency {
  const consistency = CONSISTENCIES.find((known) => known === text);
  if (consistency !== undefined) return consistency;
  throw new BackupError("usage", `--consistency is ${CONSISTENCIES.join(", ")}, not ${JSON.stringify(text)}`);
}
