import { messageOf } from "../core/errors.ts";
import type { StoragePlugin } from "../plugin.ts";
import { explainIssues } from "./explain.ts";
import { isSecretKey } from "./literal-secrets.ts";
import { mapData } from "./map-data.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { BY_REFERENCE } from "./schema/secret.ts";
import { findSecrets, isSecret } from "./secrets.ts";
import type { Part } from "./parse-text.ts";

/** How `type: s3` finds its plugin; nothing is imported before it is asked for. */
export type StoragePlugins = Readonly<Record<string, () => Promise<StoragePlugin>>>;

export async function findPlugin(plugins: StoragePlugins, type: string): Promise<StoragePlugin | undefined> {
  return Object.hasOwn(plugins, type) ? plugins[type]?.() : undefined;
}

/** The keys of a storage that are the host's; all others are the plugin's. */
const HOST_KEYS: ReadonlySet<string> = new Set(["type", "prefix", "readableByMilvus"]);

export function pluginOptions(storage: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(storage).filter(([key]) => !HOST_KEYS.has(key)));
}

export interface OptionProblem {
  /** Within the options. */
  readonly path: KeyPath;
  readonly message: string;
  readonly part?: Part;
}

/** What a plugin's schema says of options whose secrets are not known yet; `written` has variables as they are. */
export async function checkPluginOptions(
  plugin: Pick<StoragePlugin, "options">,
  options: Readonly<Record<string, unknown>>,
  written: unknown,
): Promise<readonly OptionProblem[]> {
  const literal = findLiteralPaths(options).map((path) => ({ path, message: BY_REFERENCE }));
  const told = new Set([...literal, ...findSecrets(options)].map(({ path }) => formatPath(path)));
  const filledIn = mapData(options, (value) => (isSecret(value) ? "a secret" : undefined));
  const result = await parse(plugin, filledIn);
  if ("fault" in result) return [{ path: [], message: result.fault }];
  if (result.success) return literal;
  const explained = explainIssues(result.error.issues, plugin.options, written);
  return [...literal, ...explained.filter(({ path }) => !told.has(formatPath(path)))];
}

/** A plugin's schema is its own code, which may throw. */
async function parse({ options }: Pick<StoragePlugin, "options">, data: unknown) {
  try {
    return await options.safeParseAsync(data);
  } catch (error) {
    return { fault: `the plugin cannot check its options: ${messageOf(error)}` };
  }
}

function findLiteralPaths(options: unknown): readonly KeyPath[] {
  const paths: KeyPath[] = [];
  mapData(options, (value, path) => {
    if (isSecret(value)) return value;
    if (typeof value === "string" && isSecretKey(String(path.at(-1)))) paths.push(path);
    return undefined;
  });
  return paths;
}
