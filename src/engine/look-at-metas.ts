import { withoutIdentity } from "../catalog/unseal-backup.ts";
import { formatDamage } from "../core/check-outcome.ts";
import type { Damage } from "../core/check-outcome.ts";
import type { CheckStep } from "../core/plan.ts";
import type { Repair } from "./repair-donors.ts";
import { repairMetas } from "./repair-metas.ts";
import { beginVerification } from "./verify-begin.ts";
import { createDamageLog } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";
import { verifyMetadata } from "./verify-metadata.ts";
import { verifySealed } from "./verify-sealed.ts";

interface Looked {
  readonly check: Verifying;
  readonly subjects: readonly Subject[];
  /** Of an encrypted backup without an identity: its meta files were not opened. */
  readonly isSealed: boolean;
}

type Given = Omit<Verifying, "manifest" | "isOurs" | "damage">;

/** The backup's own files; what of them another target could mend is looked at as it is then. */
export async function lookAtMetas(
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
