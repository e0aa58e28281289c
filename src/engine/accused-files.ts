import { MANIFEST_KEY, META_KEYS, OBJECTS_DIRECTORY, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import type { DamageLog } from "./verify-job.ts";

const METAS: readonly string[] = Object.values(META_KEYS);
const MANIFESTS: readonly string[] = [MANIFEST_KEY, SEALED_MANIFEST_KEY];

/**
 * Whether what was found may be this file's fault. Where two files contradict each other, or the manifest, it may be any of
 * the five meta files'; a manifest is read as one with its sealed part. What is not accused is right.
 */
export function isAccused({ has, kept }: Pick<DamageLog, "has" | "kept">, key: string): boolean {
  if (has(key)) return true;
  if (MANIFESTS.includes(key)) return MANIFESTS.some(has);
  if (!METAS.includes(key)) return false;
  return kept.some((one) => one.key === undefined || (one.kind === "different" && isOfMetas(one.key)));
}

/** Lists are compared with what the meta files name. */
function isOfMetas(key: string): boolean {
  return METAS.includes(key) || key.startsWith(OBJECTS_DIRECTORY);
}
