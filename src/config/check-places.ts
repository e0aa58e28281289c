import { checkPluginOptions, checkProvided, type OptionProblem } from "./check-options.ts";
import type { KnownNames, ReferringDocument } from "./check-references.ts";
import type { LoadedPlugins } from "./load-plugins.ts";
import { valueAt } from "./map-data.ts";
import { isMap } from "./plain-data.ts";
import type { KeyPath, Problem } from "./problem.ts";
import { findPlugin, pluginOptions } from "./storage-options.ts";

/** What is wrong with the secrets of the sources that a provider gives. */
export async function checkSources(
  { document, data }: ReferringDocument,
  { sources }: KnownNames,
  { secretProviders: providers }: LoadedPlugins,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const name of sources) {
    const path = ["sources", name, "auth"];
    const auth = valueAt(data, path);
    if (!isMap(auth)) continue; // there is none, or it is told elsewhere
    const given = { options: { ...auth }, written: valueAt(document.data, path), providers };
    problems.push(...toProblems(document, path, await checkProvided(given)));
  }
  return problems;
}

/** What is wrong with the options of the storages. */
export async function checkStorages(
  { document, data }: ReferringDocument,
  { storages }: KnownNames,
  { storages: plugins, secretProviders: providers }: LoadedPlugins,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const name of storages) {
    const path = ["storages", name];
    const storage = valueAt(data, path);
    const type = valueAt(storage, ["type"]);
    const plugin = typeof type === "string" ? await findPlugin(plugins, type) : undefined;
    if (plugin === undefined || !isMap(storage)) continue; // told elsewhere
    const given = { options: pluginOptions(storage), written: valueAt(document.data, path), providers };
    problems.push(...toProblems(document, path, await checkPluginOptions(plugin, given)));
  }
  return problems;
}

function toProblems(
  document: ReferringDocument["document"],
  path: KeyPath,
  found: readonly OptionProblem[],
): readonly Problem[] {
  return found.map((one) => document.problemAt([...path, ...one.path], one.message, one.part));
}
