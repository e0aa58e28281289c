import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { controlKeys, CONTROL_DIRECTORY } from "../format/keys.ts";
import { bytesBody, readBytes } from "../io/body.ts";
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
  for await (const entry of storage.list(`${CONTROL_DIRECTORY}/intents/`, call)) {
    const intent = entry.kind === "object" ? await readIntent(storage, entry.key, call) : undefined;
    if (intent !== undefined) intents.push(intent);
  }
  return intents;
}

/** One that is gone meanwhile has ended; one that was cut short in its writing was of a run that had made nothing yet. */
async function readIntent(storage: Storage, key: string, call: Call): Promise<DrillIntent | undefined> {
  try {
    const { body } = await storage.read(key, call);
    return toDrill(JSON.parse(new TextDecoder().decode(await readBytes(body))));
  } catch (error) {
    if (error instanceof SyntaxError || isStorageError(error, "missing")) return undefined;
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
