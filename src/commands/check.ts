import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { formatFindings, lookAt, statusOf } from "./look-at.ts";
import type { Subjects } from "./look-at.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { chooseSource, chooseTargets, loadWorkspace, policyTargets } from "./workspace.ts";
import type { Choosing } from "./workspace.ts";

export const check: Command = defineCommand({
  name: "check",
  summary: "The doctor: Milvus, its storage, the targets, the clocks",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  details: [
    "For each source: does Milvus answer, which version is it, and is the storage really its own (the files of a segment",
    "that it lists are there). For each target: a probe is written, read, copied and deleted.",
  ].join("\n"),
  options: { ...SOURCE_OPTIONS, ...TARGET_OPTION, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup check", does: "Everything that policies name" },
    { command: "milvus-backup check nightly", does: "What one policy needs" },
    {
      command: "milvus-backup check --source localhost:19530 --source-storage /var/lib/milvus/data --target /mnt/nas",
      does: "Without a config",
    },
  ],
  async run(deps, { names, options }) {
    const choices = readPlaces(options);
    const config = await loadWorkspace(deps, choices);
    const findings = await lookAt(config, subjects(config, names, { choices, caller: deps }), deps);
    deps.print(options.json ? JSON.stringify(findings) : formatFindings(findings));
    return statusOf(findings);
  },
});

/** What the policies named here use; what is chosen; else what all policies use. */
function subjects(config: LoadedConfig, names: readonly string[], choosing: Choosing): Subjects {
  const named = names.map((name) => findPolicy(config, name));
  const policies = named.length > 0 ? named : [...config.policies.values()];
  const sources = new Set(policies.map(({ source }) => source));
  return {
    sources:
      choosing.choices.source !== undefined || sources.size === 0
        ? [chooseSource(config, choosing)]
        : [...sources].map((source) => chooseSource(config, choosing, source)),
    targets:
      choosing.choices.target !== undefined || policies.length === 0
        ? chooseTargets(config, choosing)
        : policyTargets(config, policies),
  };
}
