import { BackupError } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

/** A backup as a deletion sees it. */
export interface DoomedBackup {
  readonly name: string;
  readonly state: string;
  readonly collections: number;
  readonly bytes: number;
}

/** What a deletion will remove, and why. A BackupError "locked" for a backup that is being made. */
export function planDelete(backup: DoomedBackup, target: string): Plan {
  const { name, state, collections, bytes } = backup;
  if (state === "running") {
    throw new BackupError("locked", `Cannot delete ${name}: it is being made`, {
      hint: "stop its run first, or wait for its end; half an hour after a run has died its backup is free; milvus-backup unlock shows whose it is",
    });
  }
  const what = `${state}, ${formatPlural(collections, "collection")}, ${formatBytes(bytes)}`;
  return {
    version: 1,
    action: "delete",
    backup: name,
    target,
    steps: [{ kind: "delete-backup", id: name, why: `asked for by name (${what})`, backup: name }],
    warnings: [],
  };
}
