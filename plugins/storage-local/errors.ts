import { StorageError } from "../../src/plugin.ts";
import type { StorageErrorCode } from "../../src/plugin.ts";

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOENT: "missing",
  EISDIR: "conflict",
  ENOTDIR: "conflict",
  ENOTEMPTY: "conflict",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  EMFILE: "throttled",
  ENFILE: "throttled",
  EXDEV: "unsupported",
  EMLINK: "unsupported",
  ENOTSUP: "unsupported",
  EOPNOTSUPP: "unsupported",
  ENOSYS: "unsupported",
  ENAMETOOLONG: "unsupported",
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such object",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is a file",
  ENOTEMPTY: "it is a directory",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  EMFILE: "this process has too many files open",
  EXDEV: "the directory spans several file systems",
  EMLINK: "the file has as many hard links as the file system allows",
  ENAMETOOLONG: "a part of the key is longer than the file system allows",
};

/** Whether this is a file system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}

/** What an operator can do about it, in the storage's own directory. */
const HINTS: Readonly<Record<string, (root: string) => string>> = {
  ENOSPC: (root) => `free space on the disk that holds ${root}`,
  EDQUOT: (root) => `raise the quota on the disk that holds ${root}, or free space there`,
  EACCES: (root) => `give the user that runs this the rights in ${root}`,
  EPERM: (root) => `give the user that runs this the rights in ${root}`,
  EROFS: (root) => `mount the disk that holds ${root} so that it can be written`,
};

export interface Failure {
  readonly action: string;
  /** Of the storage itself when absent. */
  readonly key?: string | undefined;
  /** The storage's directory. */
  readonly root: string;
}

/** Whether Deno, run without the permission that the message names, refused it: an error without a code. */
export function isRefusedByDeno(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}

/** Turns a file system error into a StorageError; anything else is given back as it is. */
export function toStorageError(error: unknown, failure: Failure): unknown {
  if (!(error instanceof Error)) return error;
  if (isRefusedByDeno(error))
    return new StorageError("denied", messageOf(failure, error.message), { key: failure.key, cause: error });
  if (!("code" in error)) return error;
  const code = String(error.code);
  if (!("syscall" in error || code in CODES)) return error; // Deno names no system call in some
  return new StorageError(CODES[code] ?? "unavailable", messageOf(failure, REASONS[code] ?? error.message), {
    key: failure.key,
    hint: HINTS[code]?.(failure.root),
    cause: error,
  });
}

function messageOf({ action, key, root }: Failure, reason: string): string {
  const what = key === undefined ? root : `"${key}" ${action === "copy" ? "to" : "in"} ${root}`;
  return `Cannot ${action} ${what}: ${reason}`;
}

/** Runs one call of the storage with its file system errors as StorageErrors. */
export async function guard<T>(failure: Failure, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toStorageError(error, failure);
  }
}

/** The same for what is iterated. */
export async function* guardEach<T>(failure: Failure, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw toStorageError(error, failure);
  }
}
