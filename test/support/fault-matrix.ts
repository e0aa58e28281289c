/** What can befall each method of a storage, and what must hold after it. */
import { expect } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage, StorageErrorCode } from "../../src/core/contracts/storage.ts";
import { BackupError, isBackupError } from "../../src/core/errors.ts";
import { anotherRun, backUp, resumeB1 } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { befallNth, failingStorage } from "./failing-storage.ts";
import type { Operation } from "./failing-storage.ts";
import type { Fault } from "./faults.ts";
import { contentsOf, keysOf } from "./storage-content.ts";
import { withoutRecords } from "./target-records.ts";
import { endLeases, payloadOf } from "./unfinished.ts";

export type Method = Operation["kind"];

const ERRORS: readonly StorageErrorCode[] = ["unavailable", "throttled", "denied"];

/** Wrong bytes that are written are for verify to find: a backup reads none of what it wrote. */
export const FAULTS: Readonly<Record<Method, readonly (StorageErrorCode | Fault)[]>> = {
  stat: [...ERRORS, "hang"],
  read: [...ERRORS, "missing", "corrupt", "hang", "truncated", "wrong-bytes"],
  write: [...ERRORS, "full", "precondition", "hang", "lost-reply", "twice", "late"],
  list: [...ERRORS, "hang", "twice", "lost-page"],
  delete: [...ERRORS, "hang", "lost-reply", "twice"],
  copy: [...ERRORS, "full", "unsupported", "hang", "lost-reply", "twice", "late"],
  link: [],
};

const BEFALLS: ReadonlySet<string> = new Set<Fault>([
  "hang",
  "lost-reply",
  "twice",
  "truncated",
  "wrong-bytes",
  "late",
  "lost-page",
]);

function toFailure(what: StorageErrorCode | Fault): (operation: Operation) => Error | Fault {
  return ({ kind, key }) =>
    BEFALLS.has(what)
      ? (what as Fault) // by the set
      : new StorageError(what as StorageErrorCode, `Cannot ${kind} "${key}": ${what}`, { key });
}

export interface Befallen {
  readonly method: Method;
  readonly nth: number;
  readonly what: StorageErrorCode | Fault;
}

/** The storage under one fault; a call that hangs is given up by somebody at the keyboard. */
export function under({ method, nth, what }: Befallen, storage: Storage, stop: AbortController): Storage {
  const failure = toFailure(what);
  return failingStorage(
    storage,
    befallNth(method, nth, (operation) => {
      if (what === "hang") setImmediate(() => stop.abort(new BackupError("interrupted", "The run was stopped")));
      return failure(operation);
    }),
  );
}

/** How often a backup asks for each method. */
export async function countCalls(run: (counting: (storage: Storage) => Storage) => Promise<unknown>) {
  const calls: Record<Method, number> = { stat: 0, read: 0, write: 0, list: 0, delete: 0, copy: 0, link: 0 };
  const counting = (storage: Storage): Storage =>
    failingStorage(storage, ({ kind }) => {
      calls[kind] += 1;
      return undefined;
    });
  await run(counting);
  return calls;
}

/** Every `step`-th call of every method under everything that can befall it. */
export function everyFault(calls: Readonly<Record<Method, number>>, step: number): readonly Befallen[] {
  const all: Befallen[] = [];
  for (const method of Object.keys(calls) as Method[]) {
    for (const what of FAULTS[method]) {
      for (let nth = 1; nth <= calls[method]; nth += 1) all.push({ method, nth, what });
    }
  }
  return all.filter((_, index) => index % step === 0);
}

export interface Survivors {
  /** The payload of the backup that nothing befell. */
  readonly expected: Readonly<Record<string, string>>;
  /** An earlier backup in the target, as it was. */
  readonly earlier: Readonly<Record<string, string>>;
}

/**
 * After whatever befell a run that made b1: what is listed whole is whole, the earlier backup is as it was, and the next
 * run goes on with b1 or takes another one, and is complete. Gives back what became of b1 at first.
 */
export async function expectNothingLost(
  job: TestJob,
  target: Storage,
  { expected, earlier }: Survivors,
): Promise<string> {
  const left = await stateOfB1(target);
  if (left === "complete") expect(await payloadOf(target)).toEqual(expected);
  if (left === "partial") expect(expected).toMatchObject(await payloadOf(target)); // whole what there is of it
  expect(await contentsOf(target, "b0/")).toEqual(earlier);
  await endLeases(target);
  const resumed = left === "complete" ? undefined : await resumeB1(anotherRun(job, target));
  if (resumed === undefined) {
    const report = await backUp(anotherRun(job, target), { backup: "b2" });
    expect(report.state).toBe("complete");
    return `${left}, not resumed`;
  }
  expect([resumed.state, await stateOfB1(target)]).toEqual(["complete", "complete"]);
  expect(await payloadOf(target)).toEqual(expected);
  expect(withoutRecords(await keysOf(target, ".milvus-backup/"))).toEqual([]);
  expect(await contentsOf(target, "b0/")).toEqual(earlier);
  return `${left}, resumed`;
}

async function stateOfB1(target: Storage): Promise<string> {
  const entry = (await listBackups(target)).find(({ name }) => name === "b1");
  if (entry?.state === "complete" || entry?.state === "partial") await openBackup(target, "b1");
  return entry?.state ?? "nothing";
}

/** A run of b1; one that could not even begin says so by an error that an operator can act on. */
export async function attempt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isBackupError(error) && !(error instanceof StorageError)) throw error;
  }
}

/** A target with an earlier backup in it. */
export async function openTargetWithEarlier(
  job: TestJob,
): Promise<{ readonly target: Storage } & Pick<Survivors, "earlier">> {
  const target = openMemory();
  await backUp(anotherRun(job, target), { backup: "b0" });
  return { target, earlier: await contentsOf(target, "b0/") };
}
