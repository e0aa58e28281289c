import type { TargetLock } from "../core/unlock-plan.ts";
import { formatTable } from "./table.ts";

/** Locks of targets for people, a line each. */
export function formatLocks(locks: readonly TargetLock[]): string {
  if (locks.length === 0) return "There is no lock";
  const columns = ["TARGET", "LOCK", "RUN", "DOES", "BACKUP", "HOST", "PROCESS", "SINCE", "REFRESHED", "STATE"];
  const rows = locks.map((lock) => [
    lock.target,
    lock.lock,
    lock.run,
    lock.kind ?? "unknown",
    lock.backup ?? "",
    lock.host ?? "",
    lock.pid === undefined ? "" : String(lock.pid),
    lock.startedAt?.slice(0, 19).concat("Z") ?? "",
    lock.ageSeconds === undefined ? "unknown" : `${formatAge(lock.ageSeconds)} ago`,
    lock.state,
  ]);
  return formatTable(
    columns.map((title) => ({ title })),
    rows,
  );
}

function formatAge(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
