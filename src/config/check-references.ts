import { didYouMean } from "../core/nearest.ts";
import type { Document } from "./document.ts";
import { valueAt } from "./map-data.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** The names that a config gives, whether or not the rest of it is right. */
export interface KnownNames {
  readonly sources: readonly string[];
  readonly storages: readonly string[];
  readonly storageTypes: readonly string[];
}

/** What a reference was read from, and its data with variables replaced. */
export interface ReferringDocument {
  readonly document: Document;
  readonly data: unknown;
}

export function findNames(data: unknown, storageTypes: readonly string[]): KnownNames {
  return { sources: keysAt(data, ["sources"]), storages: keysAt(data, ["storages"]), storageTypes };
}

/** The names in a config that name nothing: of storages, and of storage types. */
export function checkConfigNames(config: ReferringDocument, names: KnownNames): readonly Problem[] {
  const check = checkIn(config);
  return [
    ...names.sources.flatMap((name) => check(["sources", name, "storage"], "storage", names.storages)),
    ...names.storages.flatMap((name) => check(["storages", name, "type"], "storage type", names.storageTypes)),
  ];
}

/** The names in a policy that name nothing. */
export function checkPolicyNames(policy: ReferringDocument, names: KnownNames): readonly Problem[] {
  const check = checkIn(policy);
  const targets = valueAt(policy.data, ["targets"]);
  const indexes = Array.isArray(targets) ? [...targets.keys()] : [];
  const checks = valueAt(policy.data, ["checks"]);
  const drills = Array.isArray(checks) ? [...checks.keys()] : [];
  return [
    ...check(["source"], "source", names.sources),
    ...indexes.flatMap((index) => check(["targets", index, "storage"], "storage", names.storages)),
    ...drills.flatMap((index) => check(["checks", index, "into", "source"], "source", names.sources)),
  ];
}

/** The names in groups that are no policy's, or are there twice. */
export function checkGroups(config: ReferringDocument, policies: readonly string[]): readonly Problem[] {
  const check = checkIn(config);
  return keysAt(config.data, ["groups"]).flatMap((group) => {
    const names = valueAt(config.data, ["groups", group]);
    if (!Array.isArray(names)) return []; // told elsewhere
    return names.flatMap((name: unknown, index) => {
      const path = ["groups", group, index];
      if (names.indexOf(name) < index) return [config.document.problemAt(path, `the policy "${name}" is there twice`)];
      return check(path, "policy", policies);
    });
  });
}

function checkIn({ document, data }: ReferringDocument) {
  return (path: KeyPath, word: string, known: readonly string[]): readonly Problem[] => {
    const name = valueAt(data, path);
    if (typeof name !== "string" || name === "" || known.includes(name)) return [];
    const near = didYouMean(name, known);
    const expected = near === "" && known.length > 0 ? `, there is ${known.join(", ")}` : near;
    return [document.problemAt(path, `there is no ${word} "${String(valueAt(document.data, path))}"${expected}`)];
  };
}

function keysAt(data: unknown, path: KeyPath): readonly string[] {
  const value = valueAt(data, path);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
