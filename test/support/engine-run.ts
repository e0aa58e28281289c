/** Backups and restores on the fake Milvus and memory storages. */
import { PassThrough } from "node:stream";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { planBackup } from "../../src/core/backup-plan.ts";
import type { BackupPlanInput } from "../../src/core/backup-plan.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { BackupEvent } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import { eventSchema } from "../../src/report/event-schema.ts";
import { runBackup } from "../../src/engine/backup.ts";
import type { BackupOptions } from "../../src/engine/backup.ts";
import { executeRun } from "../../src/engine/execute-run.ts";
import { findResumable } from "../../src/engine/find-resumable.ts";
import { findRestore } from "../../src/engine/find-restore.ts";
import { listInventory } from "../../src/engine/inventory.ts";
import { openMetaStore } from "../../src/engine/meta-store.ts";
import type { ClosedTarget, Job, OpenTarget } from "../../src/engine/places.ts";
import { prepareRestore, runRestore } from "../../src/engine/restore.ts";
import type { RestoreRequest } from "../../src/engine/restore.ts";
import { askedOfRestore } from "../../src/engine/restore-state.ts";
import type { RestoreChoices } from "../../src/engine/restore-job.ts";
import { createRun } from "../../src/engine/run.ts";
import type { Run } from "../../src/engine/run.ts";
import type { Clock } from "../../src/io/clock.ts";
import { createLimit } from "../../src/io/limit.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { connectFake, startFakeMilvus } from "./fake-milvus.ts";
import type { FakeHandlers, FakeMilvus } from "./fake-milvus.ts";
import { createMilvusWorld } from "./milvus-world.ts";
import type { MilvusWorld } from "./milvus-world.ts";

export interface TestRun extends Run {
  readonly events: readonly BackupEvent[];
}

/** A run that draws nothing, unless it is given where. */
export function createTestRun(runId: string, options: Partial<Pick<Run, "signal" | "now" | "display">> = {}): TestRun {
  const { signal = new AbortController().signal, now = () => new Date() } = options;
  const { display = { renderer: "silent" } } = options;
  const events: BackupEvent[] = [];
  const run = createRun({ runId, signal, now, display, onEvent: (event) => events.push(eventSchema.parse(event)) });
  return { ...run, events };
}

/** As much of an output as listr2 uses; nobody sees it. */
export function createOutput(isTTY: boolean): NodeJS.WriteStream {
  const output = Object.assign(new PassThrough().resume(), { isTTY, columns: 80, rows: 24 });
  return output as unknown as NodeJS.WriteStream;
}

export interface Setting {
  /** What the Milvus holds, as "database.name". */
  readonly collections: readonly string[];
  /** In place of the world's own; given the world, so that it can be changed on the way. */
  readonly handlers?: (world: MilvusWorld) => FakeHandlers;
  readonly target?: Storage;
  /** The bucket that Milvus keeps its segments in. */
  readonly root?: Storage;
  readonly signal?: AbortSignal;
  /** What requests to Milvus wait by. */
  readonly clock?: Clock;
}

export interface TestJob extends Job, AsyncDisposable {
  readonly run: TestRun;
  readonly world: MilvusWorld;
  readonly fake: FakeMilvus;
}

let runs = 0;

export async function openTestJob(setting: Setting): Promise<TestJob> {
  const world = await createMilvusWorld(setting.collections);
  const { root = openMemory(), target = openMemory(), signal } = setting;
  await world.seed(root);
  const handlers = { ...world.handlers, ...setting.handlers?.(world) };
  const fake = await startFakeMilvus(handlers, { version: "v2.3.5" });
  const milvus = await connectFake(fake, { clock: setting.clock });
  const limits = { collections: 4, objects: 8, imports: 2 };
  const disposeMilvus = async (): Promise<void> => {
    await milvus[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
  };
  runs += 1;
  return {
    run: createTestRun(`run_${runs}`, { ...(signal && { signal }) }),
    world,
    fake,
    source: {
      name: "prod",
      milvus,
      root,
      segments: scopeStorage(root, "files"),
      rootPath: "files",
      readableByMilvus: false,
      [Symbol.asyncDispose]: disposeMilvus,
    },
    target: toTarget("nas", target),
    limits,
    objectLimit: createLimit(limits.objects),
    [Symbol.asyncDispose]: disposeMilvus,
  };
}

/** A further target that is there. */
export function closedTarget(name: string, storage: Storage): ClosedTarget {
  return { name, open: async () => toTarget(name, storage) };
}

export function toTarget(name: string, storage: Storage): OpenTarget {
  return { name, storage, readableByMilvus: false, [Symbol.asyncDispose]: async () => {} };
}

/** Plans and takes a backup, called b1 unless it is said otherwise, and copies it; hooks are those around its collections. */
export async function backUp(
  job: Job,
  given: Partial<BackupPlanInput> & Pick<BackupOptions, "hooks" | "copyTo" | "encryption"> = {},
): Promise<RunReport> {
  const { hooks, copyTo = [], encryption, ...wanted } = given;
  const { collections: inventory } = await listInventory(job.source.milvus);
  const select = { include: ["*.*"], exclude: [] };
  const names = { backup: "b1", source: job.source.name, target: job.target.name };
  const plan = planBackup({ ...names, select, consistency: "flush", inventory, furtherTargets: copyTo, ...wanted });
  const consistency = given.consistency ?? "flush";
  const options = { consistency, hooks, copyTo, asked: "a digest", encryption, ...ofPolicy(given.policy) };
  return await executeRun(job.run, "backup", () => runBackup(plan, job, options));
}

/** The same source for another run, into another target where one is given. */
export function anotherRun(job: TestJob, target: Storage = job.target.storage, signal?: AbortSignal): TestJob {
  runs += 1;
  return { ...job, run: createTestRun(`run_${runs}`, { ...(signal && { signal }) }), target: toTarget("nas", target) };
}

interface ResumeSetting extends Pick<BackupOptions, "encryption"> {
  readonly policy?: string;
}

/** Goes on with what a run left of b1, as `create -n b1 --resume` does; undefined when nothing can be taken up. */
export async function resumeB1(
  job: Job,
  backup = "b1",
  { policy, encryption }: ResumeSetting = {},
): Promise<RunReport | undefined> {
  const { found: resumed } = await findResumable(job.target.storage, {
    backup,
    policy,
    asked: "a digest",
    source: job.source.segments.location,
    encryption,
    now: job.run.now(),
    isOrdered: true,
  });
  if (resumed === undefined) return undefined;
  const { collections: inventory } = await listInventory(job.source.milvus);
  const names = { backup, source: job.source.name, target: job.target.name, policy };
  const plan = planBackup({ ...names, select: { include: ["*.*"], exclude: [] }, consistency: "flush", inventory });
  const options = { consistency: "flush", asked: "a digest", resumed, encryption, ...ofPolicy(policy) } as const;
  return await executeRun(job.run, "backup", () => runBackup(plan, job, options));
}

function ofPolicy(name: string | undefined): Pick<BackupOptions, "policy"> {
  return name === undefined ? {} : { policy: { name, digest: "a digest" } };
}

interface RestoreSetting extends RestoreRequest {
  readonly backup: string;
  readonly choices: RestoreChoices;
  /** Go on with the one that was interrupted. */
  readonly resume: boolean;
}

/** Plans and carries out a restore of b1 unless it is said otherwise. */
export async function restore(
  job: Job,
  { backup = "b1", choices: chosen, resume, ...others }: Partial<RestoreSetting> = {},
): Promise<RunReport> {
  const { source, target, run } = job;
  const opened = await openBackup(target.storage, backup);
  await using metas = await openMetaStore(run.runId);
  const request: RestoreRequest = { select: [], onConflict: "fail", ...others };
  const choices = chosen ?? ({ index: "same", aliases: "kept", load: false } as const);
  const asked = askedOfRestore({ opened, request, choices });
  const resumed = resume ? await findRestore(target.storage, { backup, asked, milvus: source.milvus }) : undefined;
  const plan = await prepareRestore({ source, target, opened, metas, signal: run.signal, resumed }, request);
  return await executeRun(run, "restore", () => runRestore(plan, job, { opened, metas, request, choices, resumed }));
}
