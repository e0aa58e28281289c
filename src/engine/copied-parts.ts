import { messageOf } from "../core/errors.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import type { Run } from "./run.ts";
import type { RunState } from "./run-state.ts";

/** What a run that is killed has to copy again: less than either of these, of each collection. */
const PART_OBJECTS = 100;
const PART_BYTES = 256 * 1024 * 1024;

/** Records copied objects in numbered parts, so that a resumption need not copy them again. */
export interface CopiedParts {
  add(entry: ObjectEntry): Promise<void>;
  /** What was added since the last part, of a copy that has failed; when it cannot be written, that is told and no more. */
  leave(run: Run): Promise<void>;
}

export function openCopiedParts(state: RunState, collectionId: bigint): CopiedParts {
  let entries: ObjectEntry[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    const part = entries;
    entries = [];
    bytes = 0;
    await state.writeCopied(collectionId.toString(), part);
  };
  return {
    add: async (entry) => {
      entries.push(entry);
      bytes += entry.bytes;
      if (entries.length >= PART_OBJECTS || bytes >= PART_BYTES) await write();
    },
    leave: async (run) => {
      if (entries.length === 0) return;
      try {
        await write();
      } catch (error) {
        run.record({ type: "notice", message: `What was copied last could not be recorded: ${messageOf(error)}` });
      }
    },
  };
}
