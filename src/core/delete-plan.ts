import type { Plan } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

/** A backup as a deletion sees it. */
export interface DoomedBackup {
  readonly name: string;
  readonly state: string;
  readonly collections: number;
  readonly bytes: number;
}

/** What a deletion will remove, and why. */
export function planDelete(backup: DoomedBackup, target: string): Plan {
  const { name, state, collections, bytes } = backup;
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
