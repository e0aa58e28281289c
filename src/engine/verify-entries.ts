import { readObjectList } from "../catalog/object-list.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import type { Subject, Verifying } from "./verify-job.ts";

/** What a backup must hold of a collection: by our own list of it, else by the meta files. */
export async function* expectedEntries(
  { job, target, backup, spool }: Verifying,
  subject: Subject,
): AsyncGenerator<ObjectEntry> {
  if (subject.hasList) {
    const { signal } = job.run;
    yield* readObjectList(target.storage, { backup, collectionId: BigInt(subject.id), signal });
    return;
  }
  yield* spool.objects(subject.id);
}

/** What the target holds of it, which is not the object's size where it is stored in another form. */
export function storedBytes({ bytes, stored }: ObjectEntry): number {
  return stored?.bytes ?? bytes;
}
