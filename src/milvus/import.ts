import type { KeyValue } from "../format/meta.ts";
import { pollUntil } from "../io/poll-until.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import { checkImportPath, type ImportPlace } from "./import-path.ts";
import type { WireImportState } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, ImportState, ImportStatus, MilvusCall } from "./types.ts";

export interface ImportRequest extends CollectionRef {
  readonly place: ImportPlace;
  /** "" only for the L0 deletes of all partitions. */
  readonly partition: string;
  readonly data:
    | {
        readonly kind: "segments";
        readonly insertDirectory: string;
        /** Undefined when there are no deletes: a directory that is not there fails on a disk. */
        readonly deltaDirectory?: string | undefined;
        /** As the backup's segments have it; told only where it is above 0. */
        readonly storageVersion?: bigint | undefined;
      }
    | { readonly kind: "l0"; readonly deltaDirectory: string };
}

/**
 * Starts an import and resolves with its task id. Sent once only: after a lost reply the task may run, and a second one
 * would bring the rows twice, so the error says to start from an empty collection.
 */
export async function startImport(milvus: MilvusSession, start: ImportRequest, call: MilvusCall = {}): Promise<string> {
  const { database, collection, partition } = start;
  const { files, options } = toWire(start);
  const request = { collection_name: collection, partition_name: partition, files, options };
  try {
    const { reply } = await milvus.send("Import", request, { ...call, database });
    const [task] = reply.tasks;
    if (task === undefined)
      throw new MilvusError("empty-reply", `Milvus started no import into "${database}.${collection}"`);
    return task;
  } catch (error) {
    throw isMilvusError(error, "unreachable", "timeout") ? maybeStarted(start, error) : error;
  }
}

export async function importState(milvus: MilvusSession, task: string, call: MilvusCall = {}): Promise<ImportState> {
  const { reply } = await milvus.send("GetImportState", { task }, call);
  return toState(reply);
}

export interface ImportWait extends MilvusCall {
  /** Give up when neither state nor progress nor rows changed for so long. */
  readonly stallTimeoutMs: number;
  /** Started long ago: what the server cannot tell of from the first, it has forgotten. */
  readonly mayBeForgotten?: boolean | undefined;
  readonly onProgress?: ((state: ImportState) => void) | undefined;
}

/** Waits for a task to complete; resolves with its last state, throws when it failed or stalled. */
export async function waitForImport(milvus: MilvusSession, task: string, wait: ImportWait): Promise<ImportState> {
  const { stallTimeoutMs, mayBeForgotten = false, onProgress, signal, deadline } = wait;
  let last: ImportState | undefined;
  let changedAt = milvus.clock.now();
  const check = async (): Promise<ImportState | undefined> => {
    const isStalled = (): boolean => milvus.clock.now() - changedAt >= stallTimeoutMs;
    const state = await importStateIfAnswered(milvus, task, {
      signal,
      isKnown: last !== undefined || !mayBeForgotten,
      isStalled,
    });
    if (state === undefined) return undefined;
    if (!isSame(state, last)) {
      changedAt = milvus.clock.now();
      onProgress?.(state);
    }
    last = state;
    if (state.status === "completed") return state;
    if (state.status === "failed") throw importFailed(task, state);
    if (isStalled()) throw stalled(task, state, stallTimeoutMs);
    return undefined;
  };
  const { clock } = milvus;
  return await pollUntil(check, { what: `import task ${task}`, intervalMs: 500, signal, deadline, clock });
}

interface Patience extends Pick<MilvusCall, "signal"> {
  readonly isKnown: boolean;
  readonly isStalled: () => boolean;
}

/** A server that does not answer for a while, or only that it cannot, works on the task all the same. */
async function importStateIfAnswered(
  milvus: MilvusSession,
  task: string,
  { signal, isKnown, isStalled }: Patience,
): Promise<ImportState | undefined> {
  try {
    return await importState(milvus, task, { signal });
  } catch (error) {
    const isPassing = isMilvusError(error, "unreachable", "timeout", "not-ready");
    if ((isPassing || (isKnown && isMilvusError(error, "other"))) && !isStalled()) return undefined;
    throw error;
  }
}

function toWire({ data, place, partition }: ImportRequest): {
  readonly files: readonly string[];
  readonly options: readonly KeyValue[];
} {
  const skipQuota = { key: "skip_disk_quota_check", value: "true" };
  if (data.kind === "l0") {
    checkImportPath(data.deltaDirectory, place);
    return { files: [data.deltaDirectory], options: [{ key: "l0_import", value: "true" }, skipQuota] };
  }
  if (partition === "") throw new TypeError("An import of segments names its partition");
  const { insertDirectory, deltaDirectory, storageVersion = 0n } = data;
  checkImportPath(insertDirectory, place);
  if (deltaDirectory !== undefined) checkImportPath(deltaDirectory, place);
  const version = storageVersion > 0n ? [{ key: "storage_version", value: String(storageVersion) }] : [];
  return {
    files: [insertDirectory, deltaDirectory ?? ""], // always two: one alone is no backup to Milvus 2.3
    options: [{ key: "backup", value: "true" }, skipQuota, ...version],
  };
}

/** By the number of common.ImportState; 3 and 4 are not in use. */
const STATUSES: ReadonlyMap<number, ImportStatus> = new Map([
  [0, "pending"],
  [1, "failed"],
  [2, "running"],
  [5, "persisted"],
  [6, "completed"],
  [7, "failed"],
  [8, "persisted"],
]);

function toState({ state, row_count, infos }: WireImportState): ImportState {
  const status = STATUSES.get(state);
  if (status === undefined) throw new MilvusError("other", `Milvus gave the unknown import state ${state}`);
  const info = new Map(infos.map(({ key, value }) => [key, value]));
  const reason = info.get("failed_reason") ?? "";
  return { status, rows: BigInt(row_count), progress: Number(info.get("progress_percent") ?? 0), reason };
}

function isSame(a: ImportState, b: ImportState | undefined): boolean {
  return a.status === b?.status && a.progress === b.progress && a.rows === b.rows;
}

function importFailed(task: string, { reason }: ImportState): MilvusError {
  return new MilvusError("import-failed", `Import task ${task} failed: ${reason || "Milvus gave no reason"}`, {
    facts: { task },
  });
}

function stalled(task: string, { status, progress }: ImportState, ms: number): MilvusError {
  const where = `it is ${status} at ${progress} %`;
  const message = `Import task ${task} made no progress for ${Math.round(ms / 1000)} s: ${where}`;
  return new MilvusError("import-stalled", message, {
    hint: "Look for the task in Milvus's log; the rows it brought in stay in the collection",
    facts: { task },
  });
}

function maybeStarted({ database, collection }: ImportRequest, cause: MilvusError): MilvusError {
  return new MilvusError(cause.kind, `The answer to an import into "${database}.${collection}" was lost`, {
    cause,
    hint: "It may be running: look for it in Milvus's log before this is restored again",
    facts: { importTask: "unknown" },
  });
}
