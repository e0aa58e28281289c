import { readManifest } from "../catalog/read-manifest.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { ObjectBody, Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { objectBody } from "../io/body.ts";
import { hashObject } from "../io/hash-object.ts";
import type { CheckJob, RepairPlaces } from "./check-job.ts";
import type { OpenTarget } from "./places.ts";
import type { Verifying } from "./verify-job.ts";

export interface Repair extends RepairPlaces {
  /** Asked before anything is written: what is there may be another run's by now. */
  guard(): Promise<void>;
  /** As of the checks: the meta files of an encrypted copy are proven by who can read them. */
  readonly unseal?: CheckJob["unseal"];
}

/** Another target with a copy of the backup that is repaired, open. */
export interface OpenCopy extends AsyncDisposable {
  readonly target: OpenTarget;
  readonly manifest: Manifest;
}

/** Opens each of the other targets in its turn; undefined for one that is out of reach, and one without such a copy. */
export function copyOpeners(
  check: Verifying,
  { targets }: RepairPlaces,
  isCopy: (manifest: Manifest) => boolean,
): readonly (() => Promise<OpenCopy | undefined>)[] {
  const { backup, target, job } = check;
  const { signal } = job.run;
  const others = targets.filter(({ name }) => name !== target.name);
  return others.map(({ name, open }) => async () => {
    const opened = await orNotice(check, name, open);
    if (opened === undefined) return undefined;
    const dispose = (): PromiseLike<void> => opened[Symbol.asyncDispose]();
    const manifest = await orNotice(check, name, () => readManifest(opened.storage, backup, { signal }));
    if (manifest !== undefined && isCopy(manifest)) return { target: opened, manifest, [Symbol.asyncDispose]: dispose };
    await dispose();
    return undefined;
  });
}

/** refused: it answered, and what it has is of no use. failed: it may answer another time, or to somebody else. */
export type Answer<T> =
  | { readonly kind: "given"; readonly value: T }
  | { readonly kind: "refused" }
  | { readonly kind: "failed" };

/** One place that is out of reach does not keep the others from being asked. */
export async function ask<T>({ job }: Verifying, name: string, work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: "given", value: await work() };
  } catch (error) {
    job.run.signal.throwIfAborted();
    if (!isBackupError(error) && !isStorageError(error)) throw error;
    job.run.record({ type: "notice", message: `nothing can be taken from ${name}: ${messageOf(error)}` });
    const isAnswer = isBackupError(error) && (error.code === "damaged" || error.code === "refused");
    return { kind: isAnswer ? "refused" : "failed" };
  }
}

/** What it gives; undefined when it gave nothing. */
export async function orNotice<T>(check: Verifying, name: string, work: () => Promise<T>): Promise<T | undefined> {
  const answer = await ask(check, name, work);
  return answer.kind === "given" ? answer.value : undefined;
}

/** The sha256 of the target's own object as it is stored; undefined where it is not there, or not what was written. */
export async function hashOwn({ stored, backup, job }: Verifying, key: string): Promise<string | undefined> {
  try {
    return await hashObject(stored, keyInBackup(backup, key), { signal: job.run.signal });
  } catch (error) {
    if (isStorageError(error, "missing") || isStorageError(error, "corrupt")) return undefined;
    throw error;
  }
}

/** What is written anew, and who is said to have it. */
export interface Replacement {
  readonly donor: { readonly name: string; readonly storage: Storage };
  /** The key at the donor. */
  readonly from: string;
  /** Relative to the backup's directory. */
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Only bytes that are proven are written, and never over such; what was written is read again. broken: the donor failed,
 * before or while it was read.
 */
export async function writeAnew(
  check: Verifying,
  repair: Repair,
  { donor, from, key, bytes, sha256 }: Replacement,
): Promise<"written" | "not-there" | "broken"> {
  const { stored, backup, job } = check;
  const { signal } = job.run;
  const isThere = await orNotice(check, donor.name, async () => {
    const info = await donor.storage.stat(from, { signal });
    return info?.bytes === bytes && (await hashObject(donor.storage, from, { signal })) === sha256;
  });
  if (isThere !== true) return isThere === undefined ? "broken" : "not-there";
  const at = keyInBackup(backup, key);
  await repair.guard();
  if ((await hashOwn(check, key)) === sha256) return "written"; // somebody else has healed it since
  const body = watch(objectBody(donor.storage, { key: from, bytes }, signal));
  const isWritten = await orNotice(check, donor.name, async () => {
    try {
      await stored.write(at, { ...body, sha256 }, { signal });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const isDonors = body.failure() !== undefined || isStorageError(error, "corrupt");
      if (isDonors) throw body.failure() ?? error;
      return error;
    }
  });
  if (isWritten === undefined) return "broken";
  if (isWritten !== true) throw isWritten; // the target's own, which no other donor mends
  return (await hashOwn(check, key)) === sha256 ? "written" : "broken";
}

/** Remembers what its reading failed with: the storage that it is written to may tell that in its own words. */
function watch({ size, open }: ObjectBody): ObjectBody & { failure(): unknown } {
  let failure: unknown;
  return {
    size,
    failure: () => failure,
    async *open(offset) {
      try {
        failure = undefined; // it is read anew
        yield* open(offset);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  };
}
