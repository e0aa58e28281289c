import type { Storage } from "../../src/core/contracts/storage.ts";
import { failingStorage, isChange } from "./failing-storage.ts";

/** A storage that keeps the order of what changed it: "write b1/meta/manifest.json", "delete …", "copy …". */
export interface RecordingStorage extends Storage {
  readonly changes: readonly string[];
}

export function recordingStorage(storage: Storage): RecordingStorage {
  const changes: string[] = [];
  const recording = failingStorage(storage, ({ kind, key }) => {
    if (isChange(kind)) changes.push(`${kind} ${key}`);
    return undefined;
  });
  return { ...recording, changes };
}
