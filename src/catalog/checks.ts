import type { Call, Storage } from "../core/contracts/storage.ts";
import type { CheckOutcome } from "../core/check-outcome.ts";
import { WHOLE_PART } from "../core/check-level.ts";
import { judgeChecks } from "../core/judge-checks.ts";
import { checkKey, checksPrefix, parseCheckKey } from "../format/check-key.ts";
import type { StoredCheck } from "../format/check-key.ts";
import { bytesBody } from "../io/body.ts";
import type { BackupEntry } from "./entry.ts";

/** The checks of a target by the backup's name, or those of one backup: one listing, no reading. */
export async function listChecks(
  storage: Storage,
  { backup, ...call }: Call & { readonly backup?: string } = {},
): Promise<ReadonlyMap<string, readonly StoredCheck[]>> {
  const checks = new Map<string, StoredCheck[]>();
  for await (const entry of storage.list(checksPrefix(backup), call)) {
    const check = entry.kind === "object" ? parseCheckKey(entry.key) : undefined;
    if (check === undefined) continue;
    const own = checks.get(check.backup);
    if (own === undefined) checks.set(check.backup, [check]);
    else own.push(check);
  }
  return checks;
}

/** The entry with what its checks say; those of an earlier backup of the same name do not count. */
export function withChecks(entry: BackupEntry, checks: readonly StoredCheck[] = []): BackupEntry {
  const own = ofThisBackup(entry, checks);
  return own.length === 0 ? entry : { ...entry, ...judgeChecks(own) };
}

/** Without those of an earlier backup of its name. */
export function ofThisBackup(
  { startedAt }: Pick<BackupEntry, "startedAt">,
  checks: readonly StoredCheck[],
): readonly StoredCheck[] {
  return checks.filter(({ at }) => startedAt === null || Date.parse(at) >= Date.parse(startedAt));
}

/** What is kept of a check besides its key. */
export interface CheckBody {
  readonly formatVersion: 1;
  readonly runId: string;
  readonly finishedAt: string;
  readonly outcome: CheckOutcome;
}

/** Keeps the outcome of a check in the target that it was of, at the level that it says something of. */
export async function recordCheck(
  storage: Storage,
  { runId, finishedAt, outcome }: Omit<CheckBody, "formatVersion">,
  call: Call = {},
): Promise<void> {
  const { backup, verdict, part = WHOLE_PART, isSealed } = outcome;
  const level = verdict === "ok" ? (outcome.proven ?? outcome.level) : levelOfDamage(outcome);
  const body: CheckBody = { formatVersion: 1, runId, finishedAt, outcome };
  const isOfPart = level === outcome.level;
  const ofSealed = isSealed && verdict === "ok" ? { isSealed } : {};
  const key = checkKey({ backup, level, part: isOfPart ? part : WHOLE_PART, at: finishedAt, verdict, ...ofSealed });
  await storage.write(key, bytesBody(`${JSON.stringify(body)}\n`), call);
}

/** What a lower level finds as well is recorded there, so that the next check of any level can take it back. */
function levelOfDamage({ level, damage, damageFound }: CheckOutcome): CheckOutcome["level"] {
  const isOfBytes = damage.some(({ kind }) => kind === "changed" || kind === "different");
  const isAllTold = damageFound === damage.length; // of what was only counted nobody knows what it was
  if (isOfBytes || !isAllTold || level === "metadata") return level;
  return damage.every(({ kind }) => kind === "unreadable") ? "metadata" : "objects";
}
