import { createHash } from "node:crypto";
import type { Call, Storage } from "../core/contracts/storage.ts";

/** The sha256 of an object's bytes, in lower-case hex, by reading them. */
export async function hashObject(storage: Storage, key: string, call: Call = {}): Promise<string> {
  const hash = createHash("sha256");
  const { body } = await storage.read(key, call);
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
