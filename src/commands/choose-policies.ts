import { findGroup, findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { BackupError } from "../core/errors.ts";

/** Which policies are asked for: some by name, groups, or every one. */
export interface PolicyChoice {
  readonly names: readonly string[];
  readonly options: { readonly all?: boolean; readonly group?: readonly string[] };
}

/** Their names, each once, in the order in which they are asked for; BackupError when one is unknown, or there is none. */
export function choosePolicies(config: LoadedConfig, { names, options }: PolicyChoice): readonly string[] {
  const { all = false, group: groups = [] } = options;
  const isSome = names.length + groups.length > 0;
  if (!all && !isSome) throw nothingChosen(config);
  if (all && isSome) {
    throw new BackupError("usage", "Cannot tell whether all policies are meant, or some", {
      hint: "say --all alone, or names and groups",
    });
  }
  if (all && config.policies.size === 0) throw new BackupError("not-found", "There is no policy in the config");
  if (all) return [...config.policies.keys()];
  const named = names.map((name) => findPolicy(config, name));
  const grouped = groups.flatMap((name) => findGroup(config, name));
  return [...new Set([...named, ...grouped].map(({ name }) => name))];
}

function nothingChosen({ policies, groups }: LoadedConfig): BackupError {
  const names = [...policies.keys()].join(", ");
  const group = groups.size === 0 ? "" : `, --group with one of ${[...groups.keys()].join(", ")}`;
  return new BackupError("usage", "Cannot tell which policies are meant", {
    hint: policies.size === 0 ? "the config has no policy" : `say one of ${names}${group}, or --all`,
  });
}
