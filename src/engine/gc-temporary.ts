import { listUnfinished } from "../catalog/abandon-writes.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { Garbage } from "../core/garbage.ts";
import type { RestoreRecord } from "../format/restore-record.ts";
import type { MilvusSession } from "../milvus/session.ts";
import { tempPrefix } from "./restore-job.ts";
import { toUpload } from "./gc-uploads.ts";
import { toGarbage } from "./to-garbage.ts";

/** A source whose storage may hold what a restore has left, and whose Milvus what a drill has. */
export interface GcSource {
  readonly name: string;
  /** Of its Milvus, as records of restores have it. */
  readonly address: string;
  /** The root of its storage. */
  open(): Promise<Storage>;
  connect(): Promise<MilvusSession>;
}

interface Temporary {
  readonly state: "none" | "some" | "unknown";
  readonly garbage: readonly Garbage[];
  /** What nobody can tell, and why. */
  readonly untold: readonly string[];
}

/** What a restore that is dead has left of its temporary copy: what lies below the prefix that has its id, and nothing else. */
export async function findTemporary(
  { runId, address }: RestoreRecord,
  sources: readonly GcSource[],
  { signal }: Call,
): Promise<Temporary> {
  const ofMilvus = sources.filter((source) => source.address === address);
  const garbage: Garbage[] = [];
  const untold: string[] = [];
  let isUnseen = ofMilvus.length === 0;
  if (isUnseen) untold.push(`no source is the Milvus at ${address}, whose storage may hold its copy`);
  for (const { name, open } of ofMilvus) {
    try {
      await using storage = await open();
      const found = await listTemporary(storage, { runId, source: name, signal });
      garbage.push(...found.garbage);
      untold.push(...found.untold);
    } catch (error) {
      signal?.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
      isUnseen = true;
      untold.push(`the storage of ${name}, which may hold its copy, cannot be looked at: ${messageOf(error)}`);
    }
  }
  if (isUnseen) return { state: "unknown", garbage, untold };
  return { state: garbage.length === 0 ? "none" : "some", garbage, untold };
}

/** The objects go also where nobody can tell of uploads: they are a copy of all rows. */
async function listTemporary(
  storage: Storage,
  { runId, source, signal }: Call & { readonly runId: string; readonly source: string },
): Promise<Pick<Temporary, "garbage" | "untold">> {
  const place = `${tempPrefix(runId)}/`;
  const what = { kind: "temporary", place, source, why: `the copy for the restore ${runId}, which has died` } as const;
  const garbage: Garbage[] = [];
  for await (const entry of storage.list(place, { signal })) {
    if (entry.kind === "object") garbage.push(toGarbage(what, entry));
  }
  try {
    for (const write of await listUnfinished(storage, place, { signal })) garbage.push(toUpload(what, write));
    return { garbage, untold: [] };
  } catch (error) {
    if (!isStorageError(error) || error.code === "aborted") throw error;
    return {
      garbage,
      untold: [`nobody can tell of uploads in parts below ${place} in ${source}: ${messageOf(error)}`],
    };
  }
}
