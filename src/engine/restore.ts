import { Buffer } from "node:buffer";
import type { OpenBackup } from "../catalog/open-backup.ts";
import { unsealedBytes } from "../catalog/sealed-storage.ts";
import { formatName } from "../core/collection-name.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import { milvusRoot, placeForMilvus } from "../core/import-place.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { missingIn, planRestore } from "../core/restore-plan.ts";
import type { BackedUpCollection, RestorePlanInput } from "../core/restore-plan.ts";
import { checkCollection } from "../format/check-collection.ts";
import { damagedMeta } from "../format/damaged.ts";
import { keyInBackup } from "../format/keys.ts";
import { findPart } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { hasDeltaLogs, isL0, segmentsOf } from "../format/segments.ts";
import { createLimit, forEachConcurrent } from "../io/limit.ts";
import { checkPayload } from "./check-payload.ts";
import { holdReaderLease } from "./hold-run-lease.ts";
import { listInventory } from "./inventory.ts";
import type { MetaStore } from "./meta-store.ts";
import type { ResumableRestore } from "./find-restore.ts";
import { PATIENCE } from "./patience.ts";
import type { Patience } from "./patience.ts";
import type { Job, OpenSource, OpenTarget } from "./places.ts";
import { reportRun } from "./report-run.ts";
import type { RestoreChoices, RestoreJob } from "./restore-job.ts";
import { askedOfRestore, openRestoreState } from "./restore-state.ts";
import { runSteps } from "./run-steps.ts";
import { createDatabase } from "./runners/create-database.ts";
import { restoreCollection } from "./runners/restore-collection.ts";

export type RestoreRequest = Pick<RestorePlanInput, "select" | "suffix" | "renames" | "onConflict">;

export interface RestoreInput {
  readonly source: OpenSource;
  readonly target: OpenTarget;
  readonly opened: OpenBackup;
  readonly metas: MetaStore;
  readonly signal: AbortSignal;
  /** What this restore goes on with: what it made itself is no conflict. */
  readonly resumed?: ResumableRestore | undefined;
}

/**
 * What a restore would do. The backup's collections are read and kept for the steps, and the payload of those that are
 * chosen is compared with what the meta files say, so that nothing is made from a backup that is damaged.
 */
export async function prepareRestore(input: RestoreInput, request: RestoreRequest): Promise<Plan> {
  const { source, target, opened, metas, signal } = input;
  const collections = await readCollections(opened, metas);
  refuseLost(opened, collections);
  const { databases, collections: existing } = await listInventory(source.milvus, { signal });
  const plan = planRestore({
    ...request,
    backup: opened.entry.name,
    source: source.name,
    target: target.name,
    collections,
    missing: missingFrom(opened.manifest),
    databases,
    existing: withoutOurs(existing, input.resumed),
    files: placeOf(source, target) === undefined ? "copied" : "in-place",
  });
  const restored = plan.steps.filter((step) => step.kind === "restore-collection");
  const plainBytes = opened.manifest?.encryption && unsealedBytes;
  const check = async ({ collectionId }: (typeof restored)[number]): Promise<void> => {
    const meta = await metas.get(collectionId);
    refuseL0(source, meta);
    await checkPayload(target.storage, { backup: plan.backup, meta, plainBytes, signal });
  };
  const large = largeIn(opened.manifest);
  const others = restored.filter(({ collectionId }) => !large.has(collectionId));
  await forEachConcurrent(others, { concurrency: CHECKS_AT_ONCE, signal }, check);
  for (const step of restored) if (large.has(step.collectionId)) await check(step);
  return plan;
}

const CHECKS_AT_ONCE = 8;
/** Of so many objects the meta takes some 10 MB of memory. */
const LARGE = 10_000;

/** Collections whose meta is in memory alone. */
function largeIn(manifest: Manifest | undefined): ReadonlySet<string> {
  return new Set(manifest?.collections.filter(({ objects }) => objects >= LARGE).map(({ id }) => id));
}

function withoutOurs(
  existing: readonly CollectionName[],
  resumed: ResumableRestore | undefined,
): readonly CollectionName[] {
  const made = Array.from(resumed?.collections.values() ?? [], (one) => (one.isComplete ? one.to : one.into));
  const ours = new Set(made.map(formatName));
  return existing.filter((name) => !ours.has(formatName(name)));
}

/** Two of one id or name would be taken for each other, and one that the manifest calls otherwise for somebody else's. */
async function readCollections(opened: OpenBackup, metas: MetaStore): Promise<readonly BackedUpCollection[]> {
  const called = new Map(opened.manifest?.collections.map((one) => [one.id, formatName(one)]));
  const collections = new Map<string, BackedUpCollection>();
  const names = new Set<string>();
  for await (const meta of opened.collections) {
    checkCollection(meta);
    const collection = toBackedUp(meta, opened.manifest);
    const name = formatName(collection.name);
    if (collections.has(collection.id) || names.has(name)) {
      throw damagedMeta(`collection ${collection.id}, ${name}, has the id or the name of another`);
    }
    const known = called.get(collection.id) ?? name;
    if (known !== name)
      throw damagedMeta(`the manifest calls collection ${collection.id} ${known}, and they call it ${name}`);
    collections.set(collection.id, collection);
    names.add(name);
    await metas.put(meta);
  }
  return [...collections.values()];
}

/** Older servers cannot import L0 deletes, or give imported rows a time after them: deleted rows would come back. */
function refuseL0({ milvus }: OpenSource, meta: CollectionMeta): void {
  const { l0Import, rowTimestampsKept } = milvus.capabilities;
  const hasDeletes = [...segmentsOf(meta)].some((segment) => isL0(segment) && hasDeltaLogs(segment));
  if (!hasDeletes || (l0Import && rowTimestampsKept)) return;
  const name = `${meta.db_name}.${meta.collection_name}`;
  throw new BackupError(
    "refused",
    `${name} has deletes in L0 segments, which Milvus ${milvus.version.text} cannot restore`,
    {
      hint: "restore it into Milvus 2.4.6 or newer, or leave it out with --collections",
    },
  );
}

export interface RestoreWork {
  readonly opened: OpenBackup;
  readonly metas: MetaStore;
  readonly request: RestoreRequest;
  readonly choices: RestoreChoices;
  /** What an earlier run left of this restore, when this one goes on with it. */
  readonly resumed?: ResumableRestore | undefined;
  /** What is restored is thrown away: nobody will resume it. */
  readonly isScratch?: boolean;
  readonly patience?: Patience | undefined;
}

/** Carries out a restore plan. It resolves also when not all came back: the report says so, and why. */
export async function runRestore(plan: Plan, job: Job, work: RestoreWork): Promise<RunReport> {
  const { run, source, target, limits } = job;
  const startedAt = run.now();
  const place = placeOf(source, target);
  const what = { kind: "restore", backup: plan.backup, reading: "the backup is restored" };
  await using _lease = work.isScratch === true ? undefined : await holdReaderLease(run, target, what);
  await using state = await openRestoreState(job, {
    backup: plan.backup,
    asked: askedOfRestore(work),
    resumed: work.resumed,
    isScratch: work.isScratch,
  });
  const restoreJob: RestoreJob = {
    ...job,
    ...work,
    patience: work.patience ?? PATIENCE,
    state,
    backup: plan.backup,
    isOurs: work.opened.manifest !== undefined,
    rawSchemas: rawSchemasOf(work.opened.manifest),
    importLimit: createLimit(
      source.milvus.capabilities.importsSerial ? Math.min(limits.imports, SERIAL_IMPORTS) : limits.imports,
    ),
    place: place === undefined ? undefined : joinPath(place, keyInBackup(plan.backup, "").slice(0, -1)),
    milvusRoot: milvusRoot({ milvus: source.root.location, milvusReadable: source.readableByMilvus }),
  };
  run.record({ type: "plan.made", plan });
  const runners = {
    "create-database": createDatabase(job, work.opened.head.database_backups ?? []),
    "restore-collection": restoreCollection(restoreJob),
  };
  await runSteps(plan, run, { concurrency: limits.collections, runners });
  const missing = missingIn(missingFrom(work.opened.manifest), work.request.select);
  const report = reportRun(plan, run, { startedAt, missing });
  await state.end(run.outcomes.every((one) => one.state === "complete") && !run.signal.aborted);
  return report;
}

/** Before Milvus 2.4 tasks run one by one and expire 900 s after they were queued: few of them may wait. */
const SERIAL_IMPORTS = 2;

function placeOf(source: OpenSource, target: OpenTarget): string | undefined {
  return placeForMilvus({
    backups: target.storage.location,
    milvus: source.root.location,
    backupsReadable: target.readableByMilvus,
    milvusReadable: source.readableByMilvus,
  });
}

function joinPath(place: string, name: string): string {
  return place === "" ? name : `${place}/${name}`;
}

/** The meta files and the manifest were written by one commit: what only the manifest calls whole got lost since. */
function refuseLost({ entry, manifest }: OpenBackup, collections: readonly BackedUpCollection[]): void {
  const ids = new Set(collections.map(({ id }) => id));
  const lost = (manifest?.collections ?? []).filter(({ id, state }) => state === "complete" && !ids.has(id));
  if (lost.length === 0) return;
  const names = lost.slice(0, 10).map(formatName).join(", ");
  throw new BackupError("damaged", `The meta files of ${entry.name} lack ${names}, which its manifest calls whole`, {
    hint: "take the backup's meta directory from another copy of it",
  });
}

function toBackedUp(meta: CollectionMeta, manifest: Manifest | undefined): BackedUpCollection {
  const id = meta.collection_id.toString();
  return {
    id,
    name: { database: meta.db_name ?? "default", name: meta.collection_name },
    rows: [...segmentsOf(meta)].reduce((rows, { num_of_rows = 0n }) => rows + Number(num_of_rows), 0),
    bytes: Number(meta.size),
    part: findPart(manifest, id),
  };
}

/** What the backup says itself that it lacks. */
function missingFrom(
  manifest: Manifest | undefined,
): readonly { readonly name: CollectionName; readonly reason: string }[] {
  const lacking = (manifest?.collections ?? []).filter(({ state }) => state === "failed" || state === "missing");
  return lacking.map(({ database, name, state, reason }) => ({ name: { database, name }, reason: reason ?? state }));
}

function rawSchemasOf(manifest: Manifest | undefined): ReadonlyMap<string, Uint8Array> {
  return new Map(
    (manifest?.collections ?? []).flatMap(({ id, schema }) =>
      schema === undefined ? [] : [[id, Buffer.from(schema, "base64")] as const],
    ),
  );
}
