import { Buffer } from "node:buffer";
import { deleteKeys } from "../catalog/delete-backup.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { formatDuration } from "../core/quantities.ts";
import { CONTROL_DIRECTORY } from "../format/keys.ts";
import { bytesBody, readBytes } from "../io/body.ts";
import { cleanUpAfter } from "./clean-up.ts";
import type { OpenTarget } from "./places.ts";

export interface TargetCheck extends Call {
  /** Makes the probes' names unique. */
  readonly id: string;
  readonly now: () => Date;
}

/** More than this makes "newest" and "older than" doubtful. */
const MAX_SKEW_MS = 60_000;

/** Writes, reads, copies and deletes a probe below our own directory of the target, and compares its clock with ours. */
export async function checkTarget(target: OpenTarget, options: TargetCheck): Promise<readonly Finding[]> {
  const { storage } = target;
  const key = `${CONTROL_DIRECTORY}/probe_${options.id}`;
  const probes = [key, `${key}_copy`];
  try {
    const findings = await probe(target, key, options);
    await deleteKeys(storage, probes, options);
    return findings;
  } catch (error) {
    throw await cleanUpAfter(error, `the probe ${key}`, () => deleteKeys(storage, probes)); // also when it was stopped
  }
}

async function probe({ name, storage }: OpenTarget, key: string, options: TargetCheck): Promise<readonly Finding[]> {
  const subject = `target ${name}`;
  const content = `probe of milvus-backup ${options.id}`;
  const before = options.now().getTime();
  await storage.write(key, bytesBody(content), options);
  const modifiedAt = (await storage.stat(key, options))?.modifiedAt?.getTime() ?? before;
  await readBack(storage, { key, content }, options);
  const copying = await probeCopy(storage, { key, copy: `${key}_copy`, content }, options);
  return [
    { subject, check: "write", status: "ok", message: "a probe was written, read back and deleted" },
    { subject, check: "copy", ...copying },
    { subject, check: "clock", ...skewOf(modifiedAt - before) },
    conditional(storage, subject),
  ];
}

interface Probe {
  readonly key: string;
  readonly content: string;
}

type Verdict = Omit<Finding, "subject" | "check">;

async function readBack(storage: Storage, { key, content }: Probe, call: Call): Promise<void> {
  const { body } = await storage.read(key, call);
  const found = Buffer.from(await readBytes(body)).toString();
  if (found !== content) throw new BackupError("damaged", `A probe read from ${key} is not what was written there`);
}

async function probeCopy(
  storage: Storage,
  { key, copy, content }: Probe & { readonly copy: string },
  call: Call,
): Promise<Verdict> {
  if (storage.copyFrom === undefined || storage.canCopyFrom?.(storage.location) !== true) {
    return { status: "ok", message: "the storage does not copy by itself: objects stream through this machine" };
  }
  try {
    await storage.copyFrom(storage.location, { sourceKey: key, key: copy }, call);
  } catch (error) {
    if (!isStorageError(error, "denied") && !isStorageError(error, "unsupported")) throw error;
    return { status: "warning", message: "the storage refuses to copy by itself: objects stream through this machine" };
  }
  await readBack(storage, { key: copy, content }, call);
  return { status: "ok", message: "the storage copies by itself" };
}

function skewOf(skewMs: number): Verdict {
  const message = `the storage's clock is ${formatDuration(Math.abs(skewMs))} ${skewMs < 0 ? "behind" : "ahead of"} this machine's`;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { status: "ok", message };
  return { status: "warning", message, hint: "set both clocks by NTP: ages and locks are reckoned from them" };
}

function conditional({ capabilities }: Storage, subject: string): Finding {
  const check = "conditions";
  if (capabilities.ifAbsent)
    return { subject, check, status: "ok", message: "two runs cannot take one name: writes can be conditional" };
  const message = "the storage knows no conditional writes: two runs at the same moment could take one name";
  return { subject, check, status: "warning", message, hint: "do not let runs overlap" };
}
