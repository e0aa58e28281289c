import type { Storage } from "../core/contracts/storage.ts";
import type { Limits } from "../core/contracts/limits.ts";
import type { WantedEncryption } from "../core/copy-form.ts";
import type { Limit } from "../io/limit.ts";
import type { Management } from "../milvus/management.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { Run } from "./run.ts";

/** A source, connected: Milvus and the storage that holds its segments. */
export interface OpenSource extends AsyncDisposable {
  readonly name: string;
  readonly milvus: MilvusSession;
  /** Absent when nobody said where it is. */
  readonly management?: Management | undefined;
  /** Below Milvus's root path: keys start with insert_log/ and delta_log/. */
  readonly segments: Storage;
  /** What Milvus puts before those keys: the Go tool's meta names whole paths. */
  readonly rootPath: string;
  /** The whole bucket or directory, where temporary copies for imports go. */
  readonly root: Storage;
  /** Whether, or under which path, the Milvus process sees the root of its storage. */
  readonly readableByMilvus: boolean | string;
}

/** A target, open: the storage below the prefix where backups are. */
export interface OpenTarget extends AsyncDisposable {
  readonly name: string;
  readonly storage: Storage;
  readonly readableByMilvus: boolean | string;
  /** To whom what is brought there is encrypted; what is undefined or false comes as it is. */
  readonly encryption?: WantedEncryption;
}

/** A target that is opened when its turn comes. */
export interface ClosedTarget {
  readonly name: string;
  open(): Promise<OpenTarget>;
}

/** One that is open already, for a step that closes what it opens while the run goes on to use it. */
export function stayingOpen(target: OpenTarget): ClosedTarget {
  const open = async (): Promise<OpenTarget> => ({ ...target, [Symbol.asyncDispose]: () => Promise.resolve() });
  return { name: target.name, open };
}

/** What the steps of a run share. */
export interface Job {
  readonly run: Run;
  readonly source: OpenSource;
  readonly target: OpenTarget;
  readonly limits: Limits;
  /** Objects in flight, of all collections together. */
  readonly objectLimit: Limit;
}
