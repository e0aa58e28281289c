import { deleteKeys } from "../../catalog/delete-backup.ts";
import { recordGarbage } from "../../catalog/deletions.ts";
import type { ExclusiveLock } from "../../catalog/exclusive-lock.ts";
import type { Call, Storage } from "../../core/contracts/storage.ts";
import { garbageStepId } from "../../core/gc-plan.ts";
import { isSameObject } from "../../core/garbage.ts";
import type { Garbage } from "../../core/garbage.ts";
import type { CollectGarbageStep } from "../../core/plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import { forEachConcurrent } from "../../io/limit.ts";
import { whoami } from "../../io/whoami.ts";
import { dropIntended } from "../gc-intents.ts";
import type { GcSource } from "../gc-temporary.ts";
import type { OpenTarget } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Run } from "../run.ts";
import { toGarbage } from "../to-garbage.ts";

export interface CollectJob {
  readonly run: Run;
  readonly target: OpenTarget;
  readonly lock: Pick<ExclusiveLock, "guard">;
  readonly sources: readonly GcSource[];
}

/** What was decided, and by which plan. */
export interface Collecting {
  readonly due: readonly Garbage[];
  readonly planDigest: string;
}

const BATCH = 1000;
const LOOKS_AT_ONCE = 16;

/** Deletes the garbage of one place, on record; what is another object by now, or gone, is left out. */
export function collectGarbage(job: CollectJob, collecting: Collecting): StepRunner<CollectGarbageStep["kind"]> {
  let records = 0;
  return async (step, progress) => {
    const own = collecting.due.filter((one) => garbageStepId(one) === step.id);
    await using from = await openPlace(job, step.source);
    let done = 0;
    for (let start = 0; start < own.length; start += BATCH) {
      await job.lock.guard();
      const batch = await stillThere(from.storage, own.slice(start, start + BATCH), { signal: job.run.signal });
      if (batch.length === 0) continue;
      const { planDigest } = collecting;
      await deleteBatch(job, { step, batch, storage: from.storage, planDigest, number: (records += 1) });
      done += batch.length;
      progress({ phase: "delete", done, total: own.length, unit: "objects" });
    }
    return `${formatPlural(done, "object")} deleted`;
  };
}

interface Batch {
  readonly step: CollectGarbageStep;
  readonly batch: readonly Garbage[];
  /** That they are in. */
  readonly storage: Storage;
  readonly planDigest: string;
  /** Of the record, among those of its run. */
  readonly number: number;
}

async function deleteBatch(
  { run, target, sources }: CollectJob,
  { step: { place, source, why }, batch, storage, planDigest, number }: Batch,
): Promise<void> {
  const { signal, runId } = run;
  const keys = batch.map(({ key }) => key);
  const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
  const where = { ...(source !== undefined && { source }) };
  const facts = { formatVersion: 1, at: run.now().toISOString(), by: whoami(), why, runId, planDigest } as const;
  await recordGarbage(target.storage, { ...facts, garbage: place, ...where, keys, bytes, number }, { signal });
  await removeBatch(storage, batch, { sources, signal });
  run.record({ type: "garbage.deleted", target: target.name, place, ...where, objects: keys.length, bytes });
}

/** What an intent names goes before it: else nobody would know of it any more. */
async function removeBatch(
  storage: Storage,
  batch: readonly Garbage[],
  { sources, signal }: { readonly sources: readonly GcSource[]; readonly signal: AbortSignal },
): Promise<void> {
  for (const { kind, key } of batch) if (kind === "intent") await dropIntended(storage, key, { sources, signal });
  const objects = batch.filter(({ upload }) => upload === undefined).map(({ key }) => key);
  if (objects.length > 0) await deleteKeys(storage, objects, { signal });
  for (const { key, upload: id } of batch) if (id !== undefined) await storage.abandon?.({ key, id }, { signal });
}

interface OpenPlace extends AsyncDisposable {
  readonly storage: Storage;
}

/** The target stays open; a source's storage is opened for the while. */
async function openPlace({ target, sources }: CollectJob, name: string | undefined): Promise<OpenPlace> {
  if (name === undefined) return { storage: target.storage, [Symbol.asyncDispose]: () => Promise.resolve() };
  const source = sources.find((one) => one.name === name);
  if (source === undefined) throw new TypeError(`Cannot collect garbage in ${name}: the run does not know that source`);
  const storage = await source.open();
  return { storage, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() };
}

async function stillThere(storage: Storage, garbage: readonly Garbage[], call: Call): Promise<readonly Garbage[]> {
  const there: Garbage[] = [];
  await forEachConcurrent(garbage, { concurrency: LOOKS_AT_ONCE, ...call }, async (one) => {
    if (one.upload !== undefined) return void there.push(one); // its id is nobody else's, and one that has ended is not abandoned
    const info = await storage.stat(one.key, call);
    if (info !== undefined && isSameObject(one, toGarbage(one, info))) there.push(one);
  });
  return there;
}
