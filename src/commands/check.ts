import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { formatFindings, statusOf } from "./findings.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";

export const check: Command = defineCommand({
  name: "check",
  summary: "The doctor: Milvus, its storage, the targets, the clocks",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "For each source: does Milvus answer, which version is it, and is the storage really its own (the files of a segment",
    "that it lists are there). For each target: a probe is written, read, copied and deleted.",
    "With --due no doctor, but what is due of the policies' own checks, as run does it behind a backup: damage is exit",
    "status 4. What was checked when is kept in the targets, so that any host can do this.",
  ].join("\n"),
  options: {
    due: { type: "boolean", summary: "Check the backups, as far as the policies' checks are due" },
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup check", does: "Everything that policies name" },
    { command: "milvus-backup check nightly", does: "What one policy needs" },
    { command: "milvus-backup check --due", does: "What cron calls where runs should not be the ones to check" },
    {
      command: "milvus-backup check --source localhost:19530 --source-storage /var/lib/milvus/data --target /mnt/nas",
      does: "Without a config",
    },
  ],
  async run(deps, { names, options }) {
    if (options.due) {
      const { checkDue } = await import("./check-due.ts");
      return await checkDue(deps, names, { places: readPlaces(options), json: options.json ?? false });
    }
    const { checkPlaces } = await import("./check-places.ts");
    const findings = await checkPlaces(names, readPlaces(options), deps);
    deps.print(options.json ? JSON.stringify(findings) : formatFindings(findings));
    return statusOf(findings);
  },
});
