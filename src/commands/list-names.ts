import type { Caller } from "./caller.ts";
import type { NameKind } from "./command.ts";
import { listTargets } from "./list-backups.ts";
import { loadWorkspace } from "./workspace.ts";
import type { PlaceChoices } from "./workspace.ts";

/**
 * The names of a kind, for a shell to offer. Shells read a list of words as if it were typed: what is not a plain word,
 * such as a directory in a target that is called `$(reboot)`, is left out.
 */
export async function listNames(kind: NameKind, choices: PlaceChoices, caller: Caller): Promise<readonly string[]> {
  const names = kind === "backups" ? await namesOfBackups(choices, caller) : await namesInConfig(kind, choices, caller);
  return names.filter((name) => /^\w[\w.-]*$/.test(name));
}

async function namesOfBackups(choices: PlaceChoices, caller: Caller): Promise<readonly string[]> {
  const { backups } = await listTargets(choices, caller);
  return [...new Set(backups.map(({ name }) => name))]; // a backup may be in several targets
}

async function namesInConfig(
  kind: Exclude<NameKind, "backups">,
  choices: PlaceChoices,
  caller: Caller,
): Promise<readonly string[]> {
  const config = await loadWorkspace(caller, choices);
  return [...config[kind].keys()];
}
