import { WHOLE_PART } from "../core/check-level.ts";
import { DAMAGE_SHOWN } from "../core/check-outcome.ts";
import type { CheckOutcome, Damage } from "../core/check-outcome.ts";
import type { CheckStep } from "../core/plan.ts";
import type { CheckJob } from "./check-job.ts";
import { runDrill } from "./drill.ts";
import { lookAtMetas } from "./look-at-metas.ts";
import { openObjectSpool } from "./object-spool.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";
import type { Repair } from "./repair-donors.ts";
import { verifyChecksums } from "./verify-checksums.ts";
import type { Subject, Verifying } from "./verify-job.ts";
import { verifyObjects } from "./verify-objects.ts";
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
  await using spool = await openObjectSpool(`${job.run.runId}_${level}`);
  const given = { job, target: found, stored: found.storage, backup, spool, part, progress };
  const repair = findRepair(job, { step, guard });
  const looked = await lookAtMetas(given, { step, repair, unseal: job.unseal });
  const { check, subjects, healed, unopened } = looked;
  const seen = await verifyObjectsOf({ step, check }, subjects);
  const { left, asked } = await heal(check, repair, looked.unasked);
  const isWhole = left.every(({ healedFrom }) => healedFrom !== undefined) && left.length === check.damage.found;
  const rows = await verifyRows(job, { step, check, isWhole }, subjects);
  const damage = [...healed, ...left, ...check.damage.kept.slice(left.length)].slice(0, DAMAGE_SHOWN);
  const counts = { collections: subjects.length, damage, damageFound: healed.length + check.damage.found };
  const unproven = [...seen.unproven, ...rows.unproven];
  const outcome = toOutcome(step, { ...seen, ...counts, unproven, notes: rows.notes });
  return {
    ...outcome,
    ...(hasNoProof(check, { level, unproven }) && { proven: "objects" }),
    ...(asked && outcome.verdict === "damaged" && { asked }),
    ...(unopened !== undefined && { isSealed: true, unproven: [...unproven, unopened] }),
  };
}

async function heal(
  check: Verifying,
  repair: Repair | undefined,
  unasked: readonly string[],
): Promise<{ readonly left: readonly Damage[]; readonly asked?: readonly string[] | undefined }> {
  if (repair === undefined) return { left: [...check.damage.kept] };
  const { damage, asked } = await repairDamage(check, repair);
  return { left: damage, asked: asked?.filter((name) => !unasked.includes(name)) };
}

/** Where it is asked for, and there is a lease to write under. */
function findRepair(
  { repair, unseal }: CheckJob,
  { step, guard }: Pick<Verification, "step" | "guard">,
): Repair | undefined {
  const isAsked = step.repair === true && repair !== undefined && guard !== undefined;
  return isAsked ? { ...repair, guard, unseal } : undefined;
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

/** What comes behind the metadata, up to every byte. */
async function verifyObjectsOf({ step, check }: Levels, subjects: readonly Subject[]): Promise<Omit<Found, "notes">> {
  const { level } = step;
  if (level === "metadata") return { objects: 0, bytes: 0, unproven: [] };
  const objects = await verifyObjects(check, subjects);
  if (level === "checksum") return verifyChecksums(check, subjects);
  return { objects, bytes: subjects.reduce((sum, subject) => sum + subject.bytes, 0), unproven: [] };
}

/** What looks at rows, once nothing else is damaged any more. */
async function verifyRows(
  job: CheckJob,
  { step, check, isWhole }: Levels & { readonly isWhole: boolean },
  subjects: readonly Subject[],
): Promise<Pick<Found, "unproven" | "notes">> {
  const { level, source: name = "", backup, database = "drill" } = step;
  if (level !== "spot" && level !== "restore") return { unproven: [], notes: [] };
  if (!isWhole) return { unproven: [`the ${level} check was left out, since there is damage`], notes: [] };
  if (job.openSource === undefined) throw new TypeError("Cannot compare with a source: this run has none");
  await using source = await job.openSource(name);
  if (level === "spot") return await verifySpot(check, source, subjects);
  const { target, damage, progress } = check;
  return { unproven: [], notes: await runDrill(job, { backup, target, source, database, damage }, progress) };
}

function toOutcome(
  { backup, target, level, part }: CheckStep,
  found: Found & Pick<CheckOutcome, "collections" | "damageFound"> & { readonly damage: readonly Damage[] },
): CheckOutcome {
  const standing = found.damageFound - found.damage.filter(({ healedFrom }) => healedFrom !== undefined).length;
  const verdict = standing === 0 ? "ok" : "damaged";
  return { backup, target, level, ...(part && { part }), verdict, ...found };
}
