import type { Retention } from "./contracts/retention.ts";

const DEFAULT_SHARE = 0.2;
const DEFAULT_LEAST = 3;

/** How many of so many backups one pruning may take without being told the number. */
export function allowedDeletions(total: number, maxDelete: Retention["maxDelete"]): number {
  if (maxDelete === undefined) return Math.max(DEFAULT_LEAST, Math.floor(total * DEFAULT_SHARE));
  if (typeof maxDelete === "number") return maxDelete;
  return Math.max(1, Math.floor((total * Number.parseInt(maxDelete, 10)) / 100)); // or a small group never loses any
}
