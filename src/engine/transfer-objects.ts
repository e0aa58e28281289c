import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { createCopier } from "../io/copy-object.ts";
import type { ObjectCopy } from "../io/copy-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import type { Job } from "./places.ts";
import type { Progress } from "./progress.ts";

export interface Transfer<O extends ObjectCopy> {
  readonly from: Storage;
  readonly to: Storage;
  readonly objects: readonly O[];
  /** Told of each object that is in its place, and waited for; what it throws ends the transfer. */
  readonly onCopied: (object: O, copied: ObjectInfo) => void | Promise<void>;
}

/** What of a job bounds a transfer, and hears of it. */
export type TransferJob = Pick<Job, "run" | "limits" | "objectLimit">;

/** Copies objects with the run's bounds, within the service where it can, and tells how far it is. */
export async function transferObjects<O extends ObjectCopy>(
  { run, limits, objectLimit }: TransferJob,
  { from, to, objects, onCopied }: Transfer<O>,
  progress: Progress,
): Promise<void> {
  const { signal } = run;
  const onFallback = (): void => {
    const message = "the service refused to copy by itself: objects stream through this machine";
    run.record({ type: "notice", message });
  };
  const copyObject = createCopier({ from, to, signal, onFallback });
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  await forEachConcurrent(objects, { concurrency: limits.objects, signal }, async (object) => {
    await objectLimit(async () => onCopied(object, await copyObject(object)));
    done += object.bytes;
    progress({ phase: "copy", done, total, unit: "bytes" });
  });
}
