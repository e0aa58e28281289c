/**
 * What a storage plugin gives. A storage keeps objects under keys: UTF-8 strings with "/" between the parts, no leading
 * or trailing "/", no empty, "." or ".." part. The host checks keys, joins prefixes, retries and limits; a plugin does
 * none of these and lets a failure fly as a StorageError at once.
 */

export type ChecksumAlgorithm = "sha256" | "crc64nvme" | "md5";

/** Where a storage keeps its objects, as plain data without secrets: what two storages are compared by. */
export interface StorageLocation {
  /** The plugin's name: "s3", "local", "memory". */
  readonly type: string;
  /** The service: "https://host:port" in full, or absent where the type has none. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly bucket?: string | undefined;
  /** An absolute directory, for storages on a disk. */
  readonly path?: string | undefined;
  /** What stands before every key in the bucket or directory, without slashes at its ends; "" for none. */
  readonly prefix: string;
  /** Who is asking, so that a server-side copy is not tried across accounts: an access key id, never a secret. */
  readonly account?: string | undefined;
}

/** What this storage can do: probed, not assumed. */
export interface StorageCapabilities {
  readonly ifAbsent: boolean;
  readonly ifMatch: boolean;
  readonly serverCopy: boolean;
  readonly link: boolean;
  /** The checksums that the store itself computes and gives back. */
  readonly checksums: readonly ChecksumAlgorithm[];
  readonly versioning: boolean;
  readonly objectLock: boolean;
}

/** Given to every call that may wait. */
export interface Call {
  readonly signal?: AbortSignal | undefined;
}

export interface ByteRange {
  /** The first byte, from 0. */
  readonly start: number;
  /** The byte after the last one; the object's end when absent. */
  readonly end?: number | undefined;
}

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** The store's own version tag, without quotes. */
  readonly etag?: string | undefined;
  /** Lower-case hex, where it is known without reading the object. */
  readonly sha256?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** Bytes that can be opened more than once, so that a write can be repeated. */
export interface ObjectBody {
  readonly size: number;
  open(offset?: number): AsyncIterable<Uint8Array>;
  /** Lower-case hex, where it is known before the bytes are read. */
  readonly sha256?: string | undefined;
}

export interface WriteOptions {
  /** Write only if the key is free; else StorageError "precondition". */
  readonly ifAbsent?: boolean | undefined;
  /** Write only over the object with this etag; else StorageError "precondition". */
  readonly ifMatch?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly retainUntil?: Date | undefined;
}

export interface ListOptions extends Call {
  /**
   * Fold what lies below the next "/" into one entry of kind "prefix". There need be no object below it: a directory of
   * a disk may be empty, and SeaweedFS gives a prefix for a while after its last object was deleted.
   */
  readonly delimiter?: "/" | undefined;
  /** List only keys after this one, in UTF-8 byte order. */
  readonly startAfter?: string | undefined;
}

export type ListEntry =
  | ({ readonly kind: "object" } & ObjectInfo)
  | { readonly kind: "prefix"; readonly prefix: string };

export interface ReadOptions extends Call {
  readonly range?: ByteRange | undefined;
  /** Read only the object with this etag; else StorageError "precondition". */
  readonly ifMatch?: string | undefined;
}

export interface ReadResult {
  /** Of the whole object, also when a range is read. */
  readonly info: ObjectInfo;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Per key: a key that was not there counts as deleted. */
export interface DeleteResult {
  readonly deleted: readonly string[];
  readonly failed: readonly { readonly key: string; readonly error: StorageError }[];
  /** Kept by the store under a retention lock. */
  readonly retained: readonly string[];
}

export interface Storage extends AsyncDisposable {
  readonly location: StorageLocation;
  readonly capabilities: StorageCapabilities;
  /** Undefined when there is no such object. */
  stat(key: string, call?: Call): Promise<ObjectInfo | undefined>;
  /** StorageError "missing" when there is no such object; it is thrown here, before the body is read. */
  read(key: string, options?: ReadOptions): Promise<ReadResult>;
  /**
   * Whole and durable when it resolves, with the sha256 of what was written; not there, or the old object still there,
   * when it does not.
   */
  write(key: string, body: ObjectBody, options?: Call & WriteOptions): Promise<ObjectInfo>;
  /** Every key that starts with the prefix (a string, not a directory), in UTF-8 byte order, or it throws. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListEntry>;
  /** Any number of keys. */
  delete(keys: readonly string[], call?: Call): Promise<DeleteResult>;
  /** Whether copyFrom can be tried from there. */
  canCopyFrom?(from: StorageLocation): boolean;
  /** Copies within the service, without the bytes passing through this process; sourceKey is relative to from.prefix. */
  copyFrom?(from: StorageLocation, copy: CopyRequest, call?: Call): Promise<ObjectInfo>;
  /**
   * The sha256 of the object's bytes as they are now, lower-case hex, by reading every one of them: where the storage can
   * do that on several cores. StorageError "missing" when there is no such object.
   */
  hash?(key: string, call?: Call): Promise<string>;
  /** Another name for an immutable object of this storage. */
  link?(sourceKey: string, key: string, call?: Call): Promise<ObjectInfo>;
  /**
   * The writes of keys that start with the prefix that are under way or were cut off, by whomever: all of which the
   * service tells, or it throws. MinIO takes a prefix for a whole key, and so tells of none below a directory; nobody may
   * conclude from an empty answer that there are none. Only where a write that is cut off leaves something that no list
   * shows and that no other write removes.
   */
  unfinished?(prefix: string, call?: Call): Promise<readonly UnfinishedWrite[]>;
  /** Takes back what was sent of one of them; of one that has ended meanwhile nothing. */
  abandon?(write: UnfinishedWrite, call?: Call): Promise<void>;
}

/** A write that was begun and has not ended. */
export interface UnfinishedWrite {
  readonly key: string;
  /** The store's own name for it: there may be several of one key. */
  readonly id: string;
  readonly startedAt?: Date | undefined;
}

export interface CopyRequest {
  readonly sourceKey: string;
  readonly key: string;
  /** The source's size in bytes, where the caller knows it: it decides between one copy and one in parts. */
  readonly bytes?: number | undefined;
}

export type StorageErrorCode =
  | "missing"
  | "denied"
  | "throttled"
  | "precondition"
  | "unavailable"
  | "full"
  | "corrupt"
  | "conflict"
  | "unsupported"
  | "locked"
  | "aborted";

export interface StorageErrorOptions {
  readonly cause?: unknown;
  readonly key?: string | undefined;
  /** For "throttled": how long the store asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string | undefined;
}

/** What a storage throws. "conflict" is `a` beside `a/b` on a disk; "locked" is a retention lock. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageErrorCode;
  readonly key: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly hint: string | undefined;

  constructor(code: StorageErrorCode, message: string, options: StorageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.key = options.key;
    this.retryAfterMs = options.retryAfterMs;
    this.hint = options.hint;
  }
}

/** By name, not by class: a plugin may bring its own copy of the package. */
export function isStorageError(error: unknown, code?: StorageErrorCode): error is StorageError {
  if (!(error instanceof Error) || error.name !== "StorageError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}
