import { BackupError } from "./errors.ts";
import { formatPin } from "./pin.ts";
import type { Pin } from "./pin.ts";
import type { Plan } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

/** A backup as a deletion sees it. */
export interface DoomedBackup {
  readonly name: string;
  readonly state: string;
  readonly collections: number;
  readonly bytes: number;
  readonly pinned?: Pin | undefined;
}

/** What a deletion will remove, and why. BackupErrors: "locked" for a backup that is being made, "refused" for a pinned one. */
export function planDelete(backup: DoomedBackup, target: string): Plan {
  const { name, state, collections, bytes, pinned } = backup;
  if (state === "running") {
    throw new BackupError("locked", `Cannot delete ${name}: it is being made`, {
      hint: "stop its run first, or wait for its end; half an hour after a run has died its backup is free; milvus-backup unlock shows whose it is",
    });
  }
  if (pinned !== undefined) {
    throw new BackupError("refused", `Cannot delete ${name}: it is pinned: ${formatPin(pinned)}`, {
      hint: `milvus-backup unpin ${name} lets it be deleted`,
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
