import { BackupError } from "../core/errors.ts";
import type { ConflictPolicy } from "../core/plan.ts";
import type { RestoreRequest } from "../engine/restore.ts";
import type { RestoreChoices } from "../engine/restore-job.ts";
import type { OptionValues } from "./command.ts";

/** What of a backup is restored, under which names, and with what around the rows. */
export const RESTORE_OPTIONS = {
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
    summary: "For names that are taken: fail (default), skip, replace or append",
  },
  index: { type: "string", value: "HOW", summary: "same (default), auto or none" },
  aliases: {
    type: "string",
    value: "WHICH",
    summary: "kept (default: of collections that keep their name), all or none",
  },
  load: { type: "boolean", summary: "Load what was loaded when the backup was made" },
} as const;

const CONFLICTS: readonly ConflictPolicy[] = ["fail", "skip", "replace", "append"];
const INDEXES: readonly RestoreChoices["index"][] = ["same", "auto", "none"];
const ALIASES: readonly RestoreChoices["aliases"][] = ["kept", "all", "none"];

export interface RestoreFlags {
  readonly request: RestoreRequest;
  readonly choices: RestoreChoices;
}

/** The flags in the engine's words; a BackupError "usage" for a word that a flag does not know. */
export function readRestoreFlags(options: OptionValues<typeof RESTORE_OPTIONS>): RestoreFlags {
  const { collections: select = [], suffix, rename: renames, "on-conflict": conflict = "fail", load = false } = options;
  const { index = "same", aliases = "kept" } = options;
  return {
    request: { select, suffix, renames, onConflict: oneOf("on-conflict", conflict, CONFLICTS) },
    choices: { index: oneOf("index", index, INDEXES), aliases: oneOf("aliases", aliases, ALIASES), load },
  };
}

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw new BackupError("usage", `--${flag} is ${allowed.join(", ")}, not ${JSON.stringify(text)}`);
}
