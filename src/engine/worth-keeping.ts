import type { RestoreCollectionStep } from "../core/plan.ts";
import { isRowDifference } from "./compare-rows.ts";
import { isStillImporting } from "./import-collection.ts";

interface Unfinished {
  readonly mode: RestoreCollectionStep["mode"];
  /** Whether its rows were compared and are the backup's. */
  readonly areRowsRight: boolean;
  /** A stopped run leaves only what it reports whole. */
  readonly isStopped: boolean;
}

/**
 * Whether a restored collection stays when it did not become whole: rows that were there before; what an import still
 * writes to; other rows than the backup's, for inspection; right rows that lack an index or the like.
 */
export function isWorthKeeping({ mode, areRowsRight, isStopped }: Unfinished, error: unknown): boolean {
  if (mode === "append" || isStillImporting(error)) return true;
  return mode === "create" && (isRowDifference(error) || (areRowsRight && !isStopped));
}
