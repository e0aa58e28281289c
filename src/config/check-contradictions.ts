import { valueAt } from "./map-data.ts";
import { isMap } from "./plain-data.ts";
import type { KeyPath } from "./problem.ts";
import { isInside, type StoragePlace, toStoragePlace } from "./storage-place.ts";

/** A policy and the config that it is of, variables replaced; either may have other problems. */
export interface PolicyInConfig {
  readonly policy: unknown;
  readonly config: unknown;
  /** The config's folder. */
  readonly directory: string;
}

export interface Contradiction {
  /** In the policy. */
  readonly path: KeyPath;
  readonly message: string;
}

/** What each part of a policy allows, and all of them together do not. */
const CHECKS: readonly ((input: PolicyInConfig) => readonly Contradiction[])[] = [
  findTargetsAlike,
  findTargetsInSource,
  findCopiesNowhere,
  findDecryptedCopies,
];

export function findContradictions(input: PolicyInConfig): readonly Contradiction[] {
  return CHECKS.flatMap((check) => check(input));
}

function findTargetsAlike(input: PolicyInConfig): readonly Contradiction[] {
  const places = targetPlaces(input);
  return places.flatMap(({ place, index }) => {
    const first = places.find((other) => isInside(other.place, place) && isInside(place, other.place));
    if (first === undefined || first.index === index) return [];
    return [{ path: ["targets", index], message: `this is the same place as the target ${first.index + 1}` }];
  });
}

/** Folders in its root path that Milvus writes, and cleans of what it does not know. */
const MILVUS_FOLDERS = [
  "insert_log",
  "delta_log",
  "stats_log",
  "index_files",
  "bm25_stats",
  "text_log",
  "json_key_index_log",
  "json_stats",
];

function findTargetsInSource(input: PolicyInConfig): readonly Contradiction[] {
  const name = valueAt(input.policy, ["source"]);
  const own =
    typeof name === "string" ? placeAt(input, valueAt(input.config, ["sources", name, "storage"])) : undefined;
  if (own === undefined) return [];
  const folders = MILVUS_FOLDERS.map((folder) => ({
    ...own,
    path: own.path === "" ? folder : `${own.path}/${folder}`,
  }));
  return targetPlaces(input).flatMap(({ place, index }) => {
    const isOwn = place.service === own.service && place.path === own.path;
    if (!isOwn && !folders.some((folder) => isInside(place, folder))) return [];
    const message = `this is where the source "${String(name)}" keeps its own files: choose another storage or prefix`;
    return [{ path: ["targets", index], message }];
  });
}

/** A copy that nothing makes would be waited for as long as the policy lives. */
function findCopiesNowhere({ policy }: PolicyInConfig): readonly Contradiction[] {
  const targets = listAt(policy, ["targets"]);
  const storages = new Set(targets.map((target) => valueAt(target, ["storage"])));
  const paths: readonly KeyPath[] = [["retention"], ...targets.map((_, index) => ["targets", index, "retention"])];
  return paths.flatMap((path) =>
    listAt(policy, [...path, "keepUntilCopied"]).flatMap((name, index) => {
      if (storages.has(name)) return [];
      const message = `no target of this policy is in the storage ${JSON.stringify(name)}: nothing would be pruned`;
      return [{ path: [...path, "keepUntilCopied", index], message }];
    }),
  );
}

/** What is encrypted in a target is copied to the next as it is, or to other recipients. */
function findDecryptedCopies({ policy }: PolicyInConfig): readonly Contradiction[] {
  const ofPolicy = valueAt(policy, ["encryption"]);
  const encrypted = listAt(policy, ["targets"]).map((target) => valueAt(target, ["encryption"]) ?? ofPolicy);
  const first = encrypted.findIndex((encryption) => isMap(encryption));
  return encrypted.flatMap((encryption, index) => {
    if (first < 0 || index < first || encryption !== false) return [];
    const message = `copies never decrypt, and the target ${first + 1} is encrypted: put this target before it`;
    return [{ path: ["targets", index, "encryption"], message }];
  });
}

function listAt(value: unknown, path: KeyPath): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

function targetPlaces(input: PolicyInConfig): readonly { readonly place: StoragePlace; readonly index: number }[] {
  const targets = valueAt(input.policy, ["targets"]);
  const list: readonly unknown[] = Array.isArray(targets) ? targets : [];
  return list.flatMap((target, index) => {
    const place = placeAt(input, valueAt(target, ["storage"]), valueAt(target, ["prefix"]));
    return place === undefined ? [] : [{ place, index }];
  });
}

function placeAt(input: PolicyInConfig, storage: unknown, prefix?: unknown): StoragePlace | undefined {
  const settings = typeof storage === "string" ? valueAt(input.config, ["storages", storage]) : undefined;
  return isMap(settings) ? toStoragePlace(settings, prefix, input.directory) : undefined;
}
