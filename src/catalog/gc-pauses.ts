import type { Call, Storage } from "../core/contracts/storage.ts";
import { decodeGcPause, encodeGcPause } from "../format/gc-pause-record.ts";
import type { GcPauseRecord } from "../format/gc-pause-record.ts";
import { controlKeys, RUNS_DIRECTORY } from "../format/keys.ts";
import { bytesBody } from "../io/body.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import { deleteKeys } from "./delete-backup.ts";

const NAME = "gc-pause.json";

/** Says in the target that this run has a Milvus's garbage collection paused. */
export async function writeGcPause(storage: Storage, record: GcPauseRecord, call: Call = {}): Promise<void> {
  await storage.write(controlKeys.run(record.runId, NAME), bytesBody(encodeGcPause(record)), call);
}

export async function removeGcPause(storage: Storage, runId: string, call: Call = {}): Promise<void> {
  await deleteKeys(storage, [controlKeys.run(runId, NAME)], call);
}

/** What all runs have left of this, in the order of their ids. */
export async function listGcPauses(storage: Storage, call: Call = {}): Promise<readonly GcPauseRecord[]> {
  const directories: string[] = [];
  for await (const entry of storage.list(RUNS_DIRECTORY, { ...call, delimiter: "/" })) {
    if (entry.kind === "prefix") directories.push(entry.prefix);
  }
  const records: GcPauseRecord[] = [];
  for (const directory of directories) {
    const text = await readTextIfThere(storage, directory + NAME, call);
    const record = text === undefined ? undefined : decodeGcPause(text);
    if (record !== undefined) records.push(record);
  }
  return records;
}
