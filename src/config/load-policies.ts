import { basename } from "node:path";
import { type CheckedDocument, checkDocument } from "./check-document.ts";
import { findContradictions } from "./check-contradictions.ts";
import { checkHooks, type KnownPlugins } from "./check-hooks.ts";
import { checkPolicyNames, type KnownNames } from "./check-references.ts";
import { findScheduleProblems } from "./check-schedule.ts";
import { type Document, type Layers, type Origin, partOf } from "./document.ts";
import type { DocumentLoader } from "./document-loader.ts";
import { valueAt } from "./map-data.ts";
import { mergeDocuments } from "./merge-documents.ts";
import { findPolicyFiles } from "./policy-files.ts";
import type { KeyPath, Problem } from "./problem.ts";
import type { ParsedConfig } from "./schema/config.ts";
import { defaultsSchema, type ParsedPolicy, policySchema } from "./schema/policy.ts";
import { nameSchema } from "./schema/words.ts";
import type { Environment } from "./variables.ts";

export interface PolicyContext {
  /** The config's folder. */
  readonly directory: string;
  readonly names: KnownNames;
  readonly env: Environment;
  readonly plugins: KnownPlugins;
  readonly loader: DocumentLoader;
}

export interface LoadedPolicies {
  /** By name: those of the config, then those of the folder. */
  readonly policies: ReadonlyMap<string, ParsedPolicy>;
  /** Those that are not right, too. */
  readonly names: readonly string[];
  readonly problems: readonly Problem[];
  /** Where a value of a policy was written; the path begins with `policies` and the policy's name. */
  originOf(path: KeyPath): Origin | undefined;
}

/** The policies of the config and of its folder. All files are read, also when the config has problems. */
export async function loadPolicies(
  config: CheckedDocument<ParsedConfig>,
  context: PolicyContext,
): Promise<LoadedPolicies> {
  const { env, names, plugins } = context;
  const [defaults] = await readInline(config.document, ["defaults"], context.loader);
  const { policies: read, problems } = await readPolicies(config, context);
  if (defaults !== undefined) {
    const checked = checkDocument(mergeDocuments(defaults), defaultsSchema, env);
    problems.push(...checked.problems, ...checkPolicyNames(checked, names), ...(await checkHooks(checked, plugins)));
  }
  const documents = new Map<string, Document>();
  const policies = new Map<string, ParsedPolicy>();
  for (const [name, layers] of read) {
    const document = mergeDocuments([...(defaults ?? []), ...layers]);
    const policy = await checkPolicy(document, config, context);
    documents.set(name, document);
    problems.push(...policy.problems);
    if (policy.value !== undefined) policies.set(name, policy.value);
  }
  const originOf: LoadedPolicies["originOf"] = ([first, name, ...path]) =>
    first === "policies" ? documents.get(String(name))?.originOf(path) : undefined;
  return { policies, names: [...read.keys()], problems, originOf };
}

/** By itself, and beside the config; of a config that cannot be read it is not known what it would give. */
async function checkPolicy(
  document: Document,
  { data: config }: CheckedDocument<ParsedConfig>,
  { env, names, plugins, directory }: PolicyContext,
): Promise<Pick<CheckedDocument<ParsedPolicy>, "value" | "problems">> {
  if (config === undefined) return { ...checkDocument(document, defaultsSchema, env), value: undefined };
  const policy = checkDocument(document, policySchema, env);
  const contradictions = [
    ...findContradictions({ policy: policy.data, config, directory }),
    ...(await findScheduleProblems(policy.data)),
  ];
  const problems = [
    ...policy.problems,
    ...checkPolicyNames(policy, names),
    ...(await checkHooks(policy, plugins)),
    ...contradictions.map(({ path, message }) => document.problemAt(path, message)),
  ];
  return { value: policy.value, problems };
}

interface ReadPolicies {
  readonly policies: ReadonlyMap<string, Layers>;
  readonly problems: Problem[];
}

async function readPolicies(
  { document: config, data }: CheckedDocument<ParsedConfig>,
  { directory, loader }: PolicyContext,
): Promise<ReadPolicies> {
  const { files, problems } = await findPolicyFiles(directory, valueAt(data, ["policiesDir"]));
  const read = problems.map((message) => config.problemAt(["policiesDir"], message));
  const policies = new Map<string, Layers>();
  const holders = new Map<string, string>();
  for (const name of Object.keys(valueAt(data, ["policies"]) ?? {})) {
    const at = ["policies", name];
    for (const layers of await readInline(config, at, loader)) policies.set(name, layers);
    holders.set(name, config.problemAt(at, "").file);
  }
  for (const { name, path } of files) {
    const layers = await loader.file(path);
    read.push(...checkName(mergeDocuments(layers), name, holders.get(name)));
    policies.set(name, layers);
    holders.set(name, path);
  }
  return { policies, problems: read };
}

/** What stands in the config itself, with what it extends; nothing when it is not there. */
async function readInline(config: Document, at: KeyPath, loader: DocumentLoader): Promise<readonly Layers[]> {
  const part = partOf(config, at);
  return part.data === undefined ? [] : [await loader.part(part)];
}

function checkName(document: Document, name: string, holder: string | undefined): readonly Problem[] {
  if (holder !== undefined)
    return [document.problemAt([], `the policy "${name}" is there twice, also in ${basename(holder)}`)];
  const { error } = nameSchema.safeParse(name);
  return (error?.issues ?? []).map(({ message }) =>
    document.problemAt([], `the file's name is the policy's: ${message}`),
  );
}
