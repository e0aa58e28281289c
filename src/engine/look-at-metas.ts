import { withoutIdentity } from "../catalog/unseal-backup.ts";
import { formatDamage } from "../core/check-outcome.ts";
import type { Damage } from "../core/check-outcome.ts";
import type { CheckStep } from "../core/plan.ts";
import { keyInBackup, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import type { CheckJob } from "./check-job.ts";
import type { Repair } from "./repair-donors.ts";
import { repairMetas } from "./repair-metas.ts";
import { beginVerification } from "./verify-begin.ts";
import { createDamageLog, noteDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";
import { verifyMetadata } from "./verify-metadata.ts";
import { NO_IDENTITY, NO_KEY, NO_MANIFEST, verifySealed } from "./verify-sealed.ts";

interface Looked {
  readonly check: Verifying;
  readonly subjects: readonly Subject[];
  /** Of an encrypted backup: why its meta files were not opened. */
  readonly unopened: string | undefined;
}

type Given = Omit<Verifying, "manifest" | "isOurs" | "damage">;

interface Looking extends Pick<CheckJob, "unseal"> {
  readonly step: CheckStep;
  readonly repair: Repair | undefined;
}

interface LookedAt extends Looked {
  /** With what each was healed from. */
  readonly healed: readonly Damage[];
  /** Targets that gave no answer when they were asked for what is left. */
  readonly unasked: readonly string[];
}

/** The backup's own files; what of them another target could mend is looked at as it is then. */
export async function lookAtMetas(given: Given, looking: Looking): Promise<LookedAt> {
  const first = { ...(await lookOnce(given, looking)), healed: [], unasked: [] };
  const mended = await mendOnce(given, looking, first);
  const isOpenNow = first.unopened !== undefined && mended.unopened === undefined;
  return isOpenNow ? mendOnce(given, looking, mended) : mended; // what is in it could be judged now only
}

async function mendOnce(given: Given, looking: Looking, looked: LookedAt): Promise<LookedAt> {
  if (looking.repair === undefined) return looked;
  const { healedFrom, unasked } = await repairMetas(looked.check, looking.repair);
  if (healedFrom === undefined) return { ...looked, unasked };
  const again = await lookOnce(given, looking);
  const { kept, has } = again.check.damage;
  const left = new Set(kept.map(formatDamage));
  const isLeft = (one: Damage): boolean => left.has(formatDamage(one)) || (one.key !== undefined && has(one.key));
  const gone = looked.check.damage.kept.filter((one) => !isLeft(one));
  return { ...again, unasked, healed: [...looked.healed, ...gone.map((damage) => ({ ...damage, healedFrom }))] };
}

/** Opened anew each time: what opens it may have been mended since. */
async function lookOnce(given: Given, { step, unseal }: Looking): Promise<Looked> {
  const { backup, stored, job } = given;
  const damage = createDamageLog();
  const storage = await noteDamage(damage, {}, async () => (await unseal?.(stored, backup)) ?? stored);
  const target = { ...given.target, storage: storage ?? stored };
  const begun = await beginVerification({ storage: target.storage, backup, damage }, { signal: job.run.signal });
  const check: Verifying = { ...given, ...begun, target, damage };
  const unopened = storage === undefined ? NO_KEY : await whyUnopened(check);
  if (unopened === NO_IDENTITY) refuseRows(step);
  return { check, unopened, subjects: await (unopened === undefined ? verifyMetadata(check) : verifySealed(check)) };
}

async function whyUnopened({ manifest, isOurs, stored, target, backup, job }: Verifying): Promise<string | undefined> {
  if (target.storage !== stored) return undefined;
  if (manifest !== undefined) return manifest.encryption && NO_IDENTITY;
  const sealed = await stored.stat(keyInBackup(backup, SEALED_MANIFEST_KEY), { signal: job.run.signal });
  return isOurs && sealed !== undefined ? NO_MANIFEST : undefined;
}

/** Rows are in what is sealed. */
function refuseRows({ backup, level }: CheckStep): void {
  if (level === "spot" || level === "restore") throw withoutIdentity(backup);
}
