import type { Call, Storage } from "../core/contracts/storage.ts";
import { ASK_AGAIN_MS } from "../core/heal-plan.ts";
import { findLeftDamage } from "../format/check-body.ts";
import type { LeftDamage } from "../format/check-body.ts";
import { checkKey } from "../format/check-key.ts";
import type { StoredCheck } from "../format/check-key.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import type { DamagedBackup } from "./damaged-backups.ts";

export interface AskedInVain {
  readonly asked: readonly string[];
  /** When; ISO 8601. */
  readonly askedAt: string;
}

/**
 * Whom a check asked for what is damaged, in vain; undefined where none was to heal it. A later one that only looked, and
 * found nothing else, does not make anybody forget: who was asked is still who was asked.
 */
export async function readAsked(
  storage: Storage,
  { check, earlier }: Pick<DamagedBackup, "check" | "earlier">,
  call: Call = {},
): Promise<AskedInVain | undefined> {
  const last = await readLeft(storage, check, call);
  if (last?.asked !== undefined) return { asked: last.asked, askedAt: check.at };
  const isRecent = ({ at }: StoredCheck): boolean => Date.parse(check.at) - Date.parse(at) < ASK_AGAIN_MS;
  for (const before of earlier.filter(isRecent)) {
    const left = await readLeft(storage, before, call);
    if (left?.asked === undefined) continue;
    return isAmong(last, left) ? { asked: left.asked, askedAt: before.at } : undefined;
  }
  return undefined;
}

async function readLeft(storage: Storage, check: StoredCheck, call: Call): Promise<LeftDamage | undefined> {
  const text = await readTextIfThere(storage, checkKey(check), call);
  return text === undefined ? undefined : findLeftDamage(text);
}

/** Whether nothing has come since that nobody was asked for. */
function isAmong(last: LeftDamage | undefined, before: LeftDamage): boolean {
  const { standing } = last ?? {};
  if (standing === undefined || before.standing === undefined) return false;
  const known = before.standing;
  return [...standing].every((name) => known.has(name));
}
