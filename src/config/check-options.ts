import type { z } from "zod";
import { messageOf } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { SecretProviderPlugin } from "../plugin.ts";
import { explainIssues } from "./explain.ts";
import { findSecrets, isProvidedSecret, isSecret, replaceSecrets } from "./find-secrets.ts";
import { isSecretKey } from "./literal-secrets.ts";
import { mapData, valueAt } from "./map-data.ts";
import type { Part } from "./parse-text.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { BY_REFERENCE } from "./schema/secret.ts";

/** Those of the config's plugins, by name; there are none of the tool's own. */
export type SecretProviders = ReadonlyMap<string, SecretProviderPlugin>;

export interface OptionProblem {
  /** Within the options. */
  readonly path: KeyPath;
  readonly message: string;
  readonly part?: Part;
}

export interface GivenOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** The same with variables as they are. */
  readonly written: unknown;
  readonly providers: SecretProviders;
}

interface WithOptions {
  readonly options: z.ZodType;
}

/** What a plugin's schema says of options whose secrets are not known yet, and what is wrong with these references. */
export async function checkPluginOptions(plugin: WithOptions, given: GivenOptions): Promise<readonly OptionProblem[]> {
  const { options, written } = given;
  const literal = findLiteralPaths(options).map((path) => ({ path, message: BY_REFERENCE }));
  const told = new Set([...literal, ...findSecrets(options)].map(({ path }) => formatPath(path)));
  const references = [...literal, ...(await checkProvided(given))];
  const filledIn = replaceSecrets(options, () => "a secret");
  const result = await parseOptions(plugin.options, filledIn);
  if ("fault" in result) return [{ path: [], message: result.fault }];
  if (result.success) return references;
  const explained = explainIssues(result.error.issues, plugin.options, written);
  return [...references, ...explained.filter(({ path }) => !told.has(formatPath(path)))];
}

/** What is wrong with those secrets in the options that a provider gives: its name, or its own options. */
export async function checkProvided({ options, written, providers }: GivenOptions): Promise<readonly OptionProblem[]> {
  const problems: OptionProblem[] = [];
  for (const { path, secret } of findSecrets(options)) {
    if (!isProvidedSecret(secret)) continue;
    const { provider: name, ...own } = secret;
    const provider = providers.get(name);
    const at = valueAt(written, path);
    if (provider === undefined) {
      const message = `there is no secret provider "${String(valueAt(at, ["provider"]))}"${otherThan(name, providers)}`;
      problems.push({ path: [...path, "provider"], message });
      continue;
    }
    const found = await checkPluginOptions(provider, { options: own, written: at, providers });
    problems.push(...found.map((one) => ({ ...one, path: [...path, ...one.path] })));
  }
  return problems;
}

/** A plugin's schema is its own code, which may throw. */
export async function parseOptions(
  schema: z.ZodType,
  data: unknown,
): Promise<z.ZodSafeParseResult<unknown> | { readonly fault: string }> {
  try {
    return await schema.safeParseAsync(data);
  } catch (error) {
    return { fault: `the plugin cannot check its options: ${messageOf(error)}` };
  }
}

function otherThan(name: string, providers: SecretProviders): string {
  if (providers.size === 0) return ": the config's plugins have none";
  return didYouMean(name, providers.keys()) || `, there is ${[...providers.keys()].join(", ")}`;
}

function findLiteralPaths(options: unknown): readonly KeyPath[] {
  const paths: KeyPath[] = [];
  mapData(options, (value, path) => {
    if (path.length > 0 && isSecret(value)) return value;
    if (typeof value === "string" && isSecretKey(String(path.at(-1)))) paths.push(path);
    return undefined;
  });
  return paths;
}
