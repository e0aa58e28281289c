import { isAbsolute, relative } from "node:path";
import { builtinStorages } from "../builtins.ts";
import { emptyConfig } from "../config/load-config.ts";
import { formatFirstConfig, formatFirstPolicy } from "../config/first-config.ts";
import type { ConfigFormat, FirstConfig } from "../config/first-config.ts";
import { findPlace } from "../config/place.ts";
import type { StorageConfig, StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Finding } from "../core/finding.ts";
import type { Caller } from "./caller.ts";
import { readKeep, readSchedule } from "./init-answers.ts";
import type { InitAnswers } from "./init-answers.ts";
import { lookAt } from "./look-at.ts";
import { readPatterns } from "./read-patterns.ts";
import { chooseSource } from "./workspace.ts";
import { writeConfig } from "./write-config.ts";

/** A config that could be written. */
export interface InitPlan {
  readonly first: FirstConfig;
  /** Looks at the source, its storage and, when these are right, the target: as check does. */
  probe(): Promise<readonly Finding[]>;
}

export function planConfig(answers: InitAnswers, include: readonly string[], caller: Caller): InitPlan {
  const { username, target: place, "source-storage": sourceStorage, policy } = answers;
  const env = { ...caller.env, MILVUS_USERNAME: username === "" ? undefined : username, MILVUS_USER: undefined };
  const config = emptyConfig({ ...caller, storagePlugins: builtinStorages });
  const choices = { source: answers.source, sourceStorage };
  const chosen = chooseSource(config, { choices, caller: { ...caller, env } });
  const target = findPlace(config, place, caller.cwd);
  const { address, auth } = chosen.source;
  return {
    first: {
      source: { address, ...(auth && { auth }) },
      sourceStorage: toConfig(chosen.storage, caller),
      target: toConfig(target, caller),
      policy,
      keep: readKeep(answers.keep),
      cron: readSchedule(answers.schedule),
      include: readPatterns("include", include),
    },
    probe: async () => {
      const findings = await lookAt(config, { sources: [chosen], targets: [] }, caller);
      if (findings.some(({ status }) => status === "failed")) return findings; // nothing is to be left at the target
      return [...findings, ...(await lookAt(config, { sources: [], targets: [target] }, caller))];
    },
  };
}

/** Writes the config and its policy where the caller is; all or nothing. Their names. */
export async function writeFirstConfig(
  first: FirstConfig,
  format: ConfigFormat,
  caller: Caller,
): Promise<readonly string[]> {
  const policy = { name: first.policy, text: formatFirstPolicy(first, format) };
  await writeConfig(caller, ".", { format, config: formatFirstConfig(first, format), policy });
  return [`milvus-backup.config.${format}`, `policies/${policy.name}.${format}`];
}

/** Paths in the folder are written from there, so that it can be moved. */
function toConfig({ type, prefix, options }: StorageSettings, { cwd }: Caller): StorageConfig {
  const { path, ...others } = options;
  const inside = typeof path === "string" ? relative(cwd, path) : "";
  const isInside = inside !== "" && !inside.startsWith("..") && !isAbsolute(inside);
  return {
    type,
    ...(path !== undefined && { path: isInside ? `./${inside}` : path }),
    ...others,
    ...(prefix !== "" && { prefix }),
  };
}
