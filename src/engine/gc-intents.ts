import { listIntents, readIntent } from "../catalog/intents.ts";
import type { DrillIntent, FoundIntent } from "../catalog/intents.ts";
import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { Garbage, GarbageLook, LeftAlone } from "../core/garbage.ts";
import { judgeIntent } from "../core/intent-rules.ts";
import type { IntentAnswer, IntentVerdict } from "../core/intent-rules.ts";
import { dropDatabase } from "../milvus/drop-database.ts";
import { listDatabases } from "../milvus/inventory.ts";
import type { GcSource } from "./gc-temporary.ts";
import { toGarbage } from "./to-garbage.ts";

export interface IntentsQuery extends Call {
  /** Runs that have a lease which was refreshed lately. */
  readonly live: ReadonlySet<string>;
  /** Where drills may have left databases. */
  readonly sources: readonly GcSource[];
  /** By the store's clock. */
  readonly now: Date;
}

/**
 * What dead runs meant to make. The Milvus that one names is asked, and it stays when nothing of it is found there: it
 * alone tells of databases that may be in another Milvus of that address, or in one that nobody can reach from here.
 */
export async function findDeadIntents(
  storage: Storage,
  query: IntentsQuery,
): Promise<Pick<GarbageLook, "garbage" | "left">> {
  const { live, signal } = query;
  const garbage: Garbage[] = [];
  const left: LeftAlone[] = [];
  const asked: Asked = new Map();
  for await (const found of listIntents(storage, { signal })) {
    const { info, runId, intent } = found;
    if (live.has(runId) || (intent !== undefined && live.has(intent.runId))) continue;
    const { kind, why } = await lookAtIntent(found, asked, query);
    if (kind === "over") garbage.push(toGarbage({ kind: "intent", place: info.key, why }, info));
    else left.push({ place: info.key, why });
  }
  return { garbage, left };
}

async function lookAtIntent(
  { info, intent }: FoundIntent,
  asked: Asked,
  { sources, now, signal }: IntentsQuery,
): Promise<IntentVerdict> {
  if (intent === undefined || intent.databases.length === 0) {
    return { kind: "over", why: "it names nothing, and its run has died" };
  }
  const answers: IntentAnswer[] = [];
  for (const source of sourcesOf(intent, sources)) {
    const answer = asked.get(source) ?? (await askDatabases(source, { signal }));
    asked.set(source, answer);
    const found = intent.databases.filter((database) => answer.databases.has(database));
    answers.push({ source: source.name, found, untold: answer.untold });
  }
  return judgeIntent({ ...intent, ageMs: ageOf(info, now) }, answers);
}

function sourcesOf({ address }: DrillIntent, sources: readonly GcSource[]): readonly GcSource[] {
  return sources.filter((source) => source.address === address);
}

function ageOf({ modifiedAt }: ObjectInfo, now: Date): number | undefined {
  return modifiedAt && now.getTime() - modifiedAt.getTime();
}

interface Answer extends Pick<IntentAnswer, "untold"> {
  readonly databases: ReadonlySet<string>;
}

/** Each Milvus is asked once a look, also one that is away. */
type Asked = Map<GcSource, Answer>;

async function askDatabases(source: GcSource, { signal }: Call): Promise<Answer> {
  try {
    await using milvus = await source.connect();
    return { databases: new Set(await listDatabases(milvus, { signal })) };
  } catch (error) {
    signal?.throwIfAborted();
    if (toEventError(error).code === "bug") throw error;
    return { databases: new Set(), untold: messageOf(error) };
  }
}

interface Dropping {
  readonly sources: readonly GcSource[];
  readonly signal: AbortSignal;
}

/**
 * Drops the databases that a dead drill made, each of which has its id at its end, before the intent goes. The look of the
 * same pass has seen them, or has found that nobody needs the intent: what is not there any more was dropped by another.
 */
export async function dropIntended(storage: Storage, key: string, { sources, signal }: Dropping): Promise<void> {
  const intent = await readIntent(storage, key, { signal });
  if (intent === undefined || intent.databases.length === 0) return;
  const ofMilvus = sourcesOf(intent, sources);
  if (ofMilvus.length === 0) throw new TypeError(`Cannot drop what ${key} names: the run does not know its Milvus`);
  const failures: unknown[] = [];
  for (const source of ofMilvus) {
    try {
      if (await dropIn(source, intent, { signal })) return;
    } catch (error) {
      if (signal.aborted || toEventError(error).code === "bug") throw error;
      failures.push(error); // another source of this address may have them
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Whether anything was there. */
async function dropIn(source: GcSource, { databases }: DrillIntent, call: Call): Promise<boolean> {
  await using milvus = await source.connect();
  let isThere = false;
  for (const database of databases) isThere = (await dropDatabase(milvus, database, call)) || isThere;
  return isThere;
}
