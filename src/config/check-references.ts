import { didYouMean } from "../core/nearest.ts";
import type { LoadedFile } from "./load-file.ts";
import { valueAt } from "./map-data.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** The names that a config gives, whether or not the rest of it is right. */
export interface KnownNames {
  readonly sources: readonly string[];
  readonly storages: readonly string[];
  readonly storageTypes: readonly string[];
}

/** What a reference was read from: the file, and its data with variables replaced. */
export interface ReferringFile {
  readonly file: LoadedFile;
  readonly data: unknown;
}

export function findNames(data: unknown, storageTypes: readonly string[]): KnownNames {
  return { sources: keysAt(data, ["sources"]), storages: keysAt(data, ["storages"]), storageTypes };
}

/** The names in a config that name nothing: of storages, of storage types, and in its own policies. */
export function checkConfigNames(config: ReferringFile, names: KnownNames): readonly Problem[] {
  const check = checkIn(config);
  return [
    ...names.sources.flatMap((name) => check(["sources", name, "storage"], "storage", names.storages)),
    ...names.storages.flatMap((name) => check(["storages", name, "type"], "storage type", names.storageTypes)),
    ...keysAt(config.data, ["policies"]).flatMap((name) => checkPolicyNames(config, names, ["policies", name])),
  ];
}

/** The names in a policy that name nothing; the path is the policy's own in its file. */
export function checkPolicyNames(policy: ReferringFile, names: KnownNames, path: KeyPath = []): readonly Problem[] {
  const check = checkIn(policy);
  const targets = valueAt(policy.data, [...path, "targets"]);
  const indexes = Array.isArray(targets) ? [...targets.keys()] : [];
  return [
    ...check([...path, "source"], "source", names.sources),
    ...indexes.flatMap((index) => check([...path, "targets", index, "storage"], "storage", names.storages)),
  ];
}

/** The names in groups that are no policy's, or are there twice. */
export function checkGroups(config: ReferringFile, policies: readonly string[]): readonly Problem[] {
  const check = checkIn(config);
  return keysAt(config.data, ["groups"]).flatMap((group) => {
    const names = valueAt(config.data, ["groups", group]);
    if (!Array.isArray(names)) return []; // told elsewhere
    return names.flatMap((name: unknown, index) => {
      const path = ["groups", group, index];
      if (names.indexOf(name) < index) return [config.file.problemAt(path, `the policy "${name}" is there twice`)];
      return check(path, "policy", policies);
    });
  });
}

function checkIn({ file, data }: ReferringFile) {
  return (path: KeyPath, word: string, known: readonly string[]): readonly Problem[] => {
    const name = valueAt(data, path);
    if (typeof name !== "string" || name === "" || known.includes(name)) return [];
    const near = didYouMean(name, known);
    const expected = near === "" && known.length > 0 ? `, there is ${known.join(", ")}` : near;
    return [file.problemAt(path, `there is no ${word} "${String(valueAt(file.data, path))}"${expected}`)];
  };
}

function keysAt(data: unknown, path: KeyPath): readonly string[] {
  const value = valueAt(data, path);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
