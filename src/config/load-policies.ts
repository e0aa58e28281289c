import { basename, resolve } from "node:path";
import { messageOf } from "../core/errors.ts";
import { type CheckedFile, checkFile } from "./check-file.ts";
import { checkHooks, type HookPlugins } from "./check-hooks.ts";
import { checkPolicyNames, type KnownNames } from "./check-references.ts";
import type { LoadedFile } from "./load-file.ts";
import { valueAt } from "./map-data.ts";
import { listPolicyFiles, type PolicyFile } from "./policy-files.ts";
import type { Problem } from "./problem.ts";
import type { ParsedConfig } from "./schema/config.ts";
import { type ParsedPolicy, policySchema } from "./schema/policy.ts";
import { nameSchema } from "./schema/words.ts";
import type { Environment } from "./variables.ts";

export interface PolicyContext {
  /** The config's folder. */
  readonly directory: string;
  readonly names: KnownNames;
  readonly env: Environment;
  readonly hookPlugins: HookPlugins;
  load(path: string): Promise<LoadedFile>;
}

export interface LoadedPolicies {
  /** By name: those of the config, then those of the folder. */
  readonly policies: ReadonlyMap<string, ParsedPolicy>;
  /** Of the folder's files; the config's own are the config's. */
  readonly problems: readonly Problem[];
}

/** The policies of the config and of its folder. All files are read, also when the config has problems. */
export async function loadPolicies(config: CheckedFile<ParsedConfig>, context: PolicyContext): Promise<LoadedPolicies> {
  const policies = new Map(Object.entries(config.value?.policies ?? {}));
  const holders = new Map(
    Object.keys(valueAt(config.data, ["policies"]) ?? {}).map((name) => [name, config.file.path]),
  );
  const { files, problems } = await findFiles(config, context);
  const found = [...problems];
  for (const { name, path } of files) {
    const policy = checkFile(await context.load(path), policySchema, context.env);
    found.push(
      ...policy.problems,
      ...checkPolicyNames(policy, context.names),
      ...(await checkHooks(policy, context.hookPlugins)),
      ...checkName(policy.file, name, holders),
    );
    holders.set(name, path);
    if (policy.value !== undefined) policies.set(name, policy.value);
  }
  return { policies, problems: found };
}

/** The folder need not exist unless the config names it. */
async function findFiles(
  config: CheckedFile<ParsedConfig>,
  { directory }: PolicyContext,
): Promise<{ readonly files: readonly PolicyFile[]; readonly problems: readonly Problem[] }> {
  const named = valueAt(config.data, ["policiesDir"]);
  const folder = typeof named === "string" ? named : "policies";
  try {
    return { files: await listPolicyFiles(resolve(directory, folder)), problems: [] };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && named === undefined) return { files: [], problems: [] };
    const message = `cannot read the folder of policies: ${messageOf(error)}`;
    return { files: [], problems: [config.file.problemAt(["policiesDir"], message)] };
  }
}

function checkName(file: LoadedFile, name: string, holders: ReadonlyMap<string, string>): readonly Problem[] {
  const other = holders.get(name);
  if (other !== undefined)
    return [file.problemAt([], `the policy "${name}" is there twice, also in ${basename(other)}`)];
  const { error } = nameSchema.safeParse(name);
  return (error?.issues ?? []).map(({ message }) => file.problemAt([], `the file's name is the policy's: ${message}`));
}
