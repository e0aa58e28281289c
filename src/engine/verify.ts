import { withoutIdentity } from "../catalog/unseal-backup.ts";
import { WHOLE_PART } from "../core/check-level.ts";
import { DAMAGE_SHOWN, formatDamage } from "../core/check-outcome.ts";
import type { CheckOutcome, Damage } from "../core/check-outcome.ts";
import type { CheckStep } from "../core/plan.ts";
import type { CheckJob } from "./check-job.ts";
import { runDrill } from "./drill.ts";
import { openMetaStore } from "./meta-store.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";
import type { Repair } from "./repair-donors.ts";
import { repairMetas } from "./repair-metas.ts";
import { verifyChecksums } from "./verify-checksums.ts";
import { beginVerification } from "./verify-begin.ts";
import { createDamageLog } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";
import { verifyMetadata } from "./verify-metadata.ts";
import { verifyObjects } from "./verify-objects.ts";
import { NOT_OPENED, verifySealed } from "./verify-sealed.ts";
import { verifySpot } from "./verify-spot.ts";

export interface Verification {
  readonly step: CheckStep;
  readonly target: OpenTarget;
  /** Asked before an object is written anew; nothing can be when absent. */
  readonly guard?: (() => Promise<void>) | undefined;
}

/**
 * Looks at a backup up to the level that is asked for, the levels before it first. It resolves also when damage was found:
 * the outcome names it. What is out of reach, and what is no backup, is thrown.
 */
export async function verifyBackup(
  job: CheckJob,
  { step, target: found, guard }: Verification,
  progress: Progress,
): Promise<CheckOutcome> {
  const { backup, level, part = WHOLE_PART } = step;
  const stored = found.storage;
  const storage = (await job.unseal?.(stored, backup)) ?? stored;
  await using metas = await openMetaStore(`${job.run.runId}_${level}`);
  const given = { job, target: { ...found, storage }, stored, backup, metas, part, progress };
  const isAsked = step.repair === true && job.repair !== undefined && guard !== undefined;
  const repair = isAsked ? { ...job.repair, guard, unseal: job.unseal } : undefined;
  const { check, subjects, isSealed, healed } = await lookAtMetas(given, { step, repair });
  const seen = await verifyLevels(job, { step, check }, subjects);
  const { damage, asked } = repair
    ? await repairDamage(check, repair)
    : { damage: check.damage.kept, asked: undefined };
  const all = [...healed, ...damage].slice(0, DAMAGE_SHOWN);
  const counts = { collections: subjects.length, damage: all, damageFound: healed.length + check.damage.found };
  const proven = hasNoProof(check, { level, ...seen }) ? ({ proven: "objects" } as const) : {};
  const outcome = { ...toOutcome(step, { ...seen, ...counts }), ...proven };
  const told = asked && outcome.verdict === "damaged" ? { ...outcome, asked } : outcome;
  return isSealed ? { ...told, isSealed, unproven: [...told.unproven, NOT_OPENED] } : told;
}

interface Looked {
  readonly check: Verifying;
  readonly subjects: readonly Subject[];
  readonly isSealed: boolean;
}

type Given = Omit<Verifying, "manifest" | "isOurs" | "damage">;

/** The backup's own files; what of them another target could mend is looked at as it is then. */
async function lookAtMetas(
  given: Given,
  { step, repair }: { readonly step: CheckStep; readonly repair: Repair | undefined },
): Promise<Looked & { readonly healed: readonly Damage[] }> {
  const first = await lookOnce(given, step);
  const from = repair && (await repairMetas(first.check, repair));
  if (from === undefined) return { ...first, healed: [] };
  const again = await lookOnce(given, step);
  const left = new Set(again.check.damage.kept.map(formatDamage));
  const gone = first.check.damage.kept.filter((damage) => !left.has(formatDamage(damage)));
  return { ...again, healed: gone.map((damage) => ({ ...damage, healedFrom: from })) };
}

async function lookOnce(given: Given, step: CheckStep): Promise<Looked> {
  const { backup, stored, job } = given;
  const { storage } = given.target;
  const damage = createDamageLog();
  const begun = await beginVerification({ storage, backup, damage }, { signal: job.run.signal });
  const isSealed = begun.manifest?.encryption !== undefined && storage === stored;
  if (isSealed) refuseRows(step);
  const check: Verifying = { ...given, ...begun, damage };
  return { check, isSealed, subjects: await (isSealed ? verifySealed(check) : verifyMetadata(check)) };
}

/** Rows are in what is sealed. */
function refuseRows({ backup, level }: CheckStep): void {
  if (level === "spot" || level === "restore") throw withoutIdentity(backup);
}

/** Where there was nothing to compare with: in a backup of the Go tool, and at a source that has compacted its segments since. */
function hasNoProof(
  { isOurs }: Verifying,
  { level, unproven }: Pick<CheckStep, "level"> & Pick<Found, "unproven">,
): boolean {
  return (level === "spot" && unproven.length > 0) || (level === "checksum" && !isOurs);
}

interface Found {
  readonly objects: number;
  readonly bytes: number;
  readonly unproven: readonly string[];
  readonly notes: readonly string[];
}

interface Levels {
  readonly step: CheckStep;
  readonly check: Verifying;
}

/** What comes behind the metadata, as far as the level goes. */
async function verifyLevels(job: CheckJob, { step, check }: Levels, subjects: readonly Subject[]): Promise<Found> {
  const nothing = { objects: 0, bytes: 0, unproven: [], notes: [] };
  const { level } = step;
  if (level === "metadata") return nothing;
  const objects = await verifyObjects(check, subjects);
  const bytes = subjects.reduce((sum, subject) => sum + subject.bytes, 0);
  const listed = { ...nothing, objects, bytes };
  if (level === "objects") return listed;
  if (level === "checksum") return { ...listed, ...(await verifyChecksums(check, subjects)) };
  if (check.damage.found > 0)
    return { ...listed, unproven: [`the ${level} check was left out, since there is damage`] };
  if (job.openSource === undefined) throw new TypeError("Cannot compare with a source: this run has none");
  const { source: name = "", backup, database = "drill" } = step;
  await using source = await job.openSource(name);
  if (level === "spot") return { ...listed, ...(await verifySpot(check, source, subjects)) };
  const { target, damage, progress } = check;
  return { ...listed, notes: await runDrill(job, { backup, target, source, database, damage }, progress) };
}

function toOutcome(
  { backup, target, level, part }: CheckStep,
  found: Found & Pick<CheckOutcome, "collections" | "damageFound"> & { readonly damage: readonly Damage[] },
): CheckOutcome {
  const standing = found.damageFound - found.damage.filter(({ healedFrom }) => healedFrom !== undefined).length;
  const verdict = standing === 0 ? "ok" : "damaged";
  return { backup, target, level, ...(part && { part }), verdict, ...found };
}
