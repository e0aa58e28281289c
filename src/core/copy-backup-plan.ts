import type { Plan } from "./plan.ts";
import { formatBytes } from "./quantities.ts";

/** A backup that is copied, and from which target to which. */
export interface CopiedBackup {
  readonly name: string;
  readonly state: string;
  readonly bytes: number;
}

/** What bringing one backup into another target will do. */
export function planCopy(
  { name, state, bytes }: CopiedBackup,
  { from, to }: { readonly from: string; readonly to: string },
): Plan {
  const isPartial = state === "partial";
  return {
    version: 1,
    action: "copy",
    backup: name,
    target: to,
    steps: [
      {
        kind: "copy-backup",
        id: `copy to ${to}`,
        why: `asked for by name; copied from ${from}; about ${formatBytes(bytes)}`,
        target: to,
      },
    ],
    warnings: isPartial ? [`${name} is partial, and so is its copy`] : [],
  };
}
