import { listIntents, readIntent } from "../catalog/intents.ts";
import type { DrillIntent } from "../catalog/intents.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import type { Garbage, GarbageLook, LeftAlone } from "../core/garbage.ts";
import { dropDatabase } from "../milvus/drop-database.ts";
import type { GcSource } from "./gc-temporary.ts";
import { toGarbage } from "./to-garbage.ts";

export interface IntentsQuery extends Call {
  /** Runs that have a lease which was refreshed lately. */
  readonly live: ReadonlySet<string>;
  /** Where drills may have left databases. */
  readonly sources: readonly GcSource[];
}

/** What dead runs meant to make. One that names databases of a Milvus that nobody can reach from here alone tells of them: it stays. */
export async function findDeadIntents(
  storage: Storage,
  { live, sources, signal }: IntentsQuery,
): Promise<Pick<GarbageLook, "garbage" | "left">> {
  const garbage: Garbage[] = [];
  const left: LeftAlone[] = [];
  for await (const { info, runId, intent } of listIntents(storage, { signal })) {
    if (live.has(runId) || (intent !== undefined && live.has(intent.runId))) continue;
    const place = info.key;
    const source = intent && sourceOf(intent, sources);
    if (intent === undefined || intent.databases.length === 0) {
      garbage.push(toGarbage({ kind: "intent", place, why: "it names nothing, and its run has died" }, info));
    } else if (source === undefined) {
      left.push({ place, why: whyLeft(intent) });
    } else {
      const why = `a drill has died: what it made in ${source.name} is dropped, ${intent.databases.join(", ")}`;
      garbage.push(toGarbage({ kind: "intent", place, why }, info));
    }
  }
  return { garbage, left };
}

function whyLeft({ address, databases }: DrillIntent): string {
  const names = databases.join(", ");
  return `a drill has died: the next one into ${address} drops ${names}, and so does gc with --source ${address} and its --source-storage`;
}

function sourceOf({ address }: DrillIntent, sources: readonly GcSource[]): GcSource | undefined {
  return sources.find((source) => source.address === address);
}

interface Dropping {
  readonly sources: readonly GcSource[];
  readonly signal: AbortSignal;
}

/** Drops the databases that a dead drill made, each of which has its id at its end, before the intent goes. */
export async function dropIntended(storage: Storage, key: string, { sources, signal }: Dropping): Promise<void> {
  const intent = await readIntent(storage, key, { signal });
  if (intent === undefined || intent.databases.length === 0) return;
  const source = sourceOf(intent, sources);
  if (source === undefined) throw new TypeError(`Cannot drop what ${key} names: the run does not know its Milvus`);
  await using milvus = await source.connect();
  for (const database of intent.databases) await dropDatabase(milvus, database, { signal });
}
