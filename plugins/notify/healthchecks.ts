import { isBad, linesOf, titleOf } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { post } from "./post.ts";

/** It keeps the first 100 kB of a body and needs no more than its beginning. */
const MAX_CHARACTERS = 10_000;

/**
 * Pings a check: `/start` before, the check itself when all went well, `/fail` when not, and `/log`, which changes no
 * state, for a run that was skipped. Start and end are tied by the run's id.
 */
export async function notifyHealthchecks({ url }: { readonly url: string }, notice: Notice): Promise<void> {
  const ping = new URL(url);
  ping.pathname = ping.pathname.replace(/\/+$/, "") + suffixOf(notice);
  const rid = toUuid(notice.facts.runId);
  if (rid !== undefined) ping.searchParams.set("rid", rid);
  const body = [titleOf(notice), ...linesOf(notice)].join("\n").slice(0, MAX_CHARACTERS);
  await post(ping.href, { body, headers: { "content-type": "text/plain; charset=utf-8" } }, notice);
}

function suffixOf(notice: Notice): string {
  if (notice.outcome === undefined) return "/start";
  if (notice.outcome.state === "skipped") return "/log";
  return isBad(notice) ? "/fail" : "";
}

/** A run's id as the UUID that is asked for: its time and its random part are 22 hex digits, the rest zeros. */
function toUuid(runId: string): string | undefined {
  const digits = runId.replaceAll("_", "");
  if (!/^[\da-f]{22}$/.test(digits)) return undefined;
  return digits.padEnd(32, "0").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
