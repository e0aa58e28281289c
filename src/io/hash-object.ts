import { createHash } from "node:crypto";
import type { Call, Storage } from "../core/contracts/storage.ts";

/** The sha256 of an object's bytes, in lower-case hex, by reading them: on several cores where the storage can. */
export async function hashObject(storage: Storage, key: string, call: Call = {}): Promise<string> {
  return storage.hash === undefined
    ? digestObject(storage, { key, algorithm: "sha256" }, call)
    : storage.hash(key, call);
}

/** The same by another algorithm, on this one. */
export async function digestObject(
  storage: Storage,
  { key, algorithm }: { readonly key: string; readonly algorithm: "sha256" | "md5" },
  call: Call = {},
): Promise<string> {
  const hash = createHash(algorithm);
  const { body } = await storage.read(key, call);
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
