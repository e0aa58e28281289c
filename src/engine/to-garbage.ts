import type { ObjectInfo } from "../core/contracts/storage.ts";
import type { Garbage } from "../core/garbage.ts";

/** An object as a store tells of it, with what makes it garbage. */
export function toGarbage(
  what: Pick<Garbage, "kind" | "place" | "source" | "why">,
  { key, bytes, etag, modifiedAt }: ObjectInfo,
): Garbage {
  return {
    ...what,
    key,
    bytes,
    ...(etag !== undefined && { etag }),
    ...(modifiedAt !== undefined && { modifiedAt: modifiedAt.toISOString() }),
  };
}
