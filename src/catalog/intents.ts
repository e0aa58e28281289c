import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { controlKeys } from "../format/keys.ts";
import { bytesBody } from "../io/body.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import { deleteKeys } from "./delete-backup.ts";

/** What a run is about to make outside the target, so that others can take it back when the run dies. */
export interface DrillIntent {
  readonly kind: "drill";
  readonly runId: string;
  /** Of the Milvus that is restored into. */
  readonly address: string;
  /** Databases that the run makes: each ends with its id. */
  readonly databases: readonly string[];
}

export async function writeIntent(storage: Storage, intent: DrillIntent, call: Call = {}): Promise<void> {
  await storage.write(controlKeys.intent(intent.runId), bytesBody(`${JSON.stringify(intent)}\n`), call);
}

export async function removeIntent(storage: Storage, runId: string, call: Call = {}): Promise<void> {
  await deleteKeys(storage, [controlKeys.intent(runId)], call);
}

/** The drills that have been begun and not ended; what other runs intend is not among them. */
export async function listDrillIntents(storage: Storage, call: Call = {}): Promise<readonly DrillIntent[]> {
  const intents: DrillIntent[] = [];
  for await (const { intent } of listIntents(storage, call)) if (intent !== undefined) intents.push(intent);
  return intents;
}

export interface FoundIntent {
  readonly info: ObjectInfo;
  /** By its key. */
  readonly runId: string;
  /** Undefined when it is no drill's, or was cut short in its writing: then its run had made nothing yet. */
  readonly intent: DrillIntent | undefined;
}

/** Every one that is there. */
export async function* listIntents(storage: Storage, call: Call = {}): AsyncGenerator<FoundIntent> {
  const prefix = controlKeys.intent("_").slice(0, -1);
  for await (const entry of storage.list(prefix, call)) {
    if (entry.kind !== "object") continue;
    const text = await readTextIfThere(storage, entry.key, call); // one that is gone meanwhile: its run has ended
    if (text !== undefined) yield { info: entry, runId: entry.key.slice(prefix.length), intent: findDrill(text) };
  }
}

/** One by its key; undefined for what is gone, or no drill's. */
export async function readIntent(storage: Storage, key: string, call: Call = {}): Promise<DrillIntent | undefined> {
  const text = await readTextIfThere(storage, key, call);
  return text === undefined ? undefined : findDrill(text);
}

function findDrill(text: string): DrillIntent | undefined {
  try {
    return toDrill(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Databases without the mark of the run are somebody else's, whatever the intent says. */
function toDrill(value: unknown): DrillIntent | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, runId, address, databases }: Partial<Record<keyof DrillIntent, unknown>> = value;
  if (kind !== "drill" || typeof runId !== "string" || typeof address !== "string") return undefined;
  if (runId === "" || !Array.isArray(databases)) return undefined;
  const own = databases.filter((name): name is string => typeof name === "string" && name.endsWith(`_${runId}`));
  return { kind, runId, address, databases: own };
}
