import type { Modelled } from "./catalog-world.ts";

export interface OracleBackup extends Modelled {
  readonly name: string;
  readonly startedMs: number;
}

const DAY_MS = 86_400_000;
const SKEW_MS = 5 * 60_000;

/** What retention says with `keep: { last: n }`, in as few words as can be: written again, so that it can be compared. */
export function isPruned(
  one: OracleBackup,
  all: readonly OracleBackup[],
  { kept, nowMs }: { readonly kept: number; readonly nowMs: number },
): boolean {
  const isGood = ({ state, check, startedMs }: OracleBackup): boolean =>
    state === "whole" && check?.verdict !== "damaged" && startedMs <= nowMs + SKEW_MS;
  const good = all.filter(isGood).toSorted(newestFirst);
  const verified = good.find(({ check }) => check?.verdict === "ok");
  if (one.isPinned || one.startedMs > nowMs + SKEW_MS) return false;
  if (isGood(one)) return !good.slice(0, kept).includes(one) && one !== verified;
  const [newest] = good;
  return newest !== undefined && one.startedMs < newest.startedMs && nowMs - one.startedMs >= DAY_MS;
}

function newestFirst(a: OracleBackup, b: OracleBackup): number {
  if (a.startedMs !== b.startedMs) return b.startedMs - a.startedMs;
  return a.name < b.name ? 1 : -1;
}
