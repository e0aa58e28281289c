import type { BackupEntry } from "../catalog/entry.ts";
import { listBackups } from "../catalog/list-backups.ts";
import { toEventError } from "../core/event-error.ts";
import type { ClosedTarget } from "./places.ts";

/** What is in the targets of a run, each listed once for all who ask. */
export interface Catalogs {
  /** The backups of a target, the newest first; throws when it cannot be listed. */
  list(target: ClosedTarget): Promise<readonly BackupEntry[]>;
  /** The same; undefined where it cannot be looked at: as far as anybody knows, it has nothing. */
  find(target: ClosedTarget): Promise<readonly BackupEntry[] | undefined>;
  /** What is in the target of this name has been changed: it is listed anew when it is asked for. */
  forget(name: string): void;
}

export interface Listing {
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

export function createCatalogs(call: Listing): Catalogs {
  const listed = new Map<string, Promise<readonly BackupEntry[]>>();
  const list = (target: ClosedTarget): Promise<readonly BackupEntry[]> => {
    const known = listed.get(target.name);
    if (known !== undefined) return known;
    const listing = listClosed(target, call);
    listed.set(target.name, listing);
    return listing;
  };
  return {
    list,
    find: async (target) => {
      try {
        return await list(target);
      } catch (error) {
        call.signal.throwIfAborted();
        if (toEventError(error).code === "bug") throw error;
        return undefined;
      }
    },
    forget: (name) => void listed.delete(name),
  };
}

async function listClosed(target: ClosedTarget, call: Listing): Promise<readonly BackupEntry[]> {
  await using opened = await target.open();
  return await listBackups(opened.storage, call);
}
