import { createHash } from "node:crypto";
import { deleteKeys } from "../catalog/delete-backup.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { encodeMade, encodeRestoreRecord, encodeTask } from "../format/restore-record.ts";
import type { MadeCollection } from "../format/restore-record.ts";
import { bytesBody } from "../io/body.ts";
import { hasObjects, objectsIn } from "../io/list-objects.ts";
import { claimRun } from "./claim.ts";
import type { EarlierCollection, ResumableRestore } from "./find-restore.ts";
import { openLeases } from "./hold-run-lease.ts";
import type { Job } from "./places.ts";
import type { RestoreWork } from "./restore.ts";

/** Names below the run's directory in the target. */
export const RESTORE_FILE = "restore.json";
export const RESTORED = "restored/";

/** What a restore keeps in the target while it runs: with it another run goes on where this one stopped. */
export interface RestoreState extends AsyncDisposable {
  /** In the names of what is made on the way: the run that began the restore. */
  readonly restoreId: string;
  /** What the run that began it had made of this collection. */
  earlier(collectionId: string): EarlierCollection | undefined;
  made(collection: MadeCollection): Promise<void>;
  /** An import of it was started, by its place in the plan. */
  started(collectionId: string, index: number, task: string): Promise<void>;
  /** It was dropped again. */
  forget(collectionId: string): Promise<void>;
  /** Nothing is kept of a restore that is whole, or that made nothing that is still there. */
  end(isWhole: boolean): Promise<void>;
}

/** The digest of what is asked for: who resumes a restore must ask for the same, of the same backup and not of its name. */
export function askedOfRestore({ opened, request, choices }: Asked): string {
  const { select, suffix, renames, onConflict } = request;
  const { index, aliases, load } = choices;
  const asked = [opened.head.id, select, suffix ?? null, renames ?? [], onConflict, index, aliases, load];
  return createHash("sha256").update(JSON.stringify(asked)).digest("hex");
}

interface Asked extends Pick<RestoreWork, "request" | "choices"> {
  readonly opened: Pick<RestoreWork["opened"], "head">;
}

export interface StateOptions {
  readonly backup: string;
  readonly asked: string;
  readonly resumed?: ResumableRestore | undefined;
  /** Keep nothing. */
  readonly isScratch?: boolean | undefined;
}

/** The caller holds this run's own lease. A target that cannot be written is restored from all the same: it is said that this restore could not be resumed. */
export async function openRestoreState(job: Job, options: StateOptions): Promise<RestoreState> {
  const { run, target } = job;
  const restoreId = options.resumed?.runId ?? run.runId;
  const leases = openLeases(run, target.storage, { kind: "restore", backup: options.backup });
  let isKept = options.isScratch !== true;
  const keep = async (write: () => Promise<unknown>): Promise<void> => {
    if (!isKept) return;
    try {
      await write();
    } catch (error) {
      run.signal.throwIfAborted();
      isKept = false;
      run.record({ type: "notice", message: `This restore could not be resumed: ${messageOf(error)}` });
    }
  };
  const state = stateIn(target.storage, { restoreId, keep, earlier: options.resumed?.collections ?? new Map() });
  if (options.resumed === undefined) await keep(() => begin(job, options));
  else await claim(job, options.resumed);
  if (isKept && restoreId !== run.runId) await keep(() => leases.hold(restoreId));
  return { ...state, [Symbol.asyncDispose]: () => leases[Symbol.asyncDispose]() };
}

async function begin({ run, source, target }: Job, { backup, asked }: StateOptions): Promise<void> {
  const { runId, signal } = run;
  const startedAt = run.now().toISOString();
  const record = { formatVersion: 1, runId, backup, startedAt, asked, address: source.milvus.address } as const;
  const key = controlKeys.run(runId, RESTORE_FILE);
  await target.storage.write(key, bytesBody(encodeRestoreRecord(record)), { signal });
  await claimRun(target.storage, { of: runId, by: runId, number: 1, signal });
}

async function claim({ run, target }: Job, { runId, claim: found }: ResumableRestore): Promise<void> {
  await claimRun(target.storage, { of: runId, by: run.runId, number: found.number + 1, signal: run.signal });
}

interface Keeping {
  readonly restoreId: string;
  readonly keep: (write: () => Promise<unknown>) => Promise<void>;
  readonly earlier: ReadonlyMap<string, EarlierCollection>;
}

function stateIn(
  storage: Storage,
  { restoreId, keep, earlier }: Keeping,
): Omit<RestoreState, typeof Symbol.asyncDispose> {
  const keyOf = (name: string): string => controlKeys.run(restoreId, name);
  const write = (name: string, text: string): Promise<void> => keep(() => storage.write(keyOf(name), bytesBody(text))); // of a stopped run, too
  return {
    restoreId,
    earlier: (collectionId) => earlier.get(collectionId),
    made: (collection) => write(`${directoryOf(collection.collectionId)}made.json`, encodeMade(collection)),
    started: (collectionId, index, task) => write(`${directoryOf(collectionId)}task-${index}.json`, encodeTask(task)),
    forget: (collectionId) => keep(() => removeAll(storage, keyOf(directoryOf(collectionId)))),
    end: (isWhole) =>
      keep(async () => {
        if (isWhole || !(await hasObjects(storage, keyOf(RESTORED)))) await removeAll(storage, keyOf(""));
      }),
  };
}

function directoryOf(collectionId: string): string {
  return `${RESTORED}${collectionId}/`;
}

async function removeAll(storage: Storage, prefix: string, call: Call = {}): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objectsIn(storage, prefix, call)) keys.push(key);
  await deleteKeys(storage, keys, call);
}
