import { isStorageError } from "../core/contracts/storage.ts";
import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { objectBody } from "./body.ts";

export interface ObjectCopy {
  readonly sourceKey: string;
  readonly key: string;
  readonly bytes: number;
}

export type CopyMethod = "server" | "stream";

export interface CopyRoute {
  readonly from: Storage;
  readonly to: Storage;
  readonly signal?: AbortSignal | undefined;
  /** Told when the service refuses a server-side copy, once; from then on objects stream through this process. */
  readonly onFallback?: (reason: unknown) => void;
}

/** Copies objects from one storage to another, within the service where it can. */
export function createCopier(route: CopyRoute): (copy: ObjectCopy) => Promise<ObjectInfo & { method: CopyMethod }> {
  const { from, to, signal } = route;
  const serverCopy = to.canCopyFrom?.(from.location) ? to.copyFrom?.bind(to) : undefined;
  let isRefused = false;
  return async (copy) => {
    if (serverCopy !== undefined && !isRefused) {
      try {
        return { ...(await serverCopy(from.location, copy, { signal })), method: "server" };
      } catch (error) {
        if (!isStorageError(error, "denied") && !isStorageError(error, "unsupported")) throw error;
        if (!isRefused) route.onFallback?.(error);
        isRefused = true;
      }
    }
    const body = objectBody(from, { key: copy.sourceKey, bytes: copy.bytes }, signal);
    return { ...(await to.write(copy.key, body, { signal })), method: "stream" };
  };
}
