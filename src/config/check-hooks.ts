import { didYouMean } from "../core/nearest.ts";
import type { HookPlugin } from "../plugin.ts";
import { checkPluginOptions, type SecretProviders } from "./check-options.ts";
import type { ReferringDocument } from "./check-references.ts";
import { valueAt } from "./map-data.ts";
import type { KeyPath, Problem } from "./problem.ts";
import { callsOf, toPluginCall } from "./resolve-hooks.ts";
import { hookSchema } from "./schema/hook.ts";

/** How `use: notify` finds its plugin; nothing is imported before it is asked for. */
export type HookPlugins = Readonly<Record<string, () => Promise<HookPlugin>>>;

/** What the hooks of a policy may name. */
export interface KnownPlugins {
  readonly hooks: HookPlugins;
  readonly secretProviders: SecretProviders;
}

/** What is wrong with the hooks of a policy: plugins that there are not, their options, names that are there twice. */
export async function checkHooks(policy: ReferringDocument, known: KnownPlugins): Promise<readonly Problem[]> {
  const hooks = valueAt(policy.data, ["hooks"]);
  if (!Array.isArray(hooks)) return [];
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const [index, data] of hooks.entries()) {
    const hook = hookSchema.safeParse(data);
    if (!hook.success) continue; // told elsewhere
    const at = ["hooks", index];
    const { name } = hook.data;
    if (name !== undefined && names.has(name))
      problems.push(policy.document.problemAt([...at, "name"], `there are two hooks "${name}"`));
    if (name !== undefined) names.add(name);
    for (const call of callsOf(hook.data)) problems.push(...(await checkCall(policy, { known, at, ...call })));
  }
  return distinct(problems);
}

type Call = ReturnType<typeof callsOf>[number] & { readonly known: KnownPlugins; readonly at: KeyPath };

async function checkCall(
  { document }: ReferringDocument,
  { known: { hooks: plugins, secretProviders: providers }, at, on, call, path }: Call,
): Promise<readonly Problem[]> {
  const resolved = toPluginCall(call);
  if (resolved === undefined) return [];
  const { use, options, key } = resolved;
  const plugin = Object.hasOwn(plugins, use) ? await plugins[use]?.() : undefined;
  const place = [...at, ...path];
  if (plugin === undefined) {
    const names = Object.keys(plugins);
    const near = didYouMean(use, names) || `, there is ${names.join(", ")}`;
    return [document.problemAt([...place, "use"], `there is no hook plugin "${use}"${near}`)];
  }
  if (plugin[on === "before" ? "before" : "after"] === undefined)
    return [
      document.problemAt([...place, "use"], `the plugin "${use}" does nothing ${on === "before" ? on : "after"}`),
    ];
  const base = key === undefined ? place : [...place, key];
  const found = await checkPluginOptions(plugin, { options, written: valueAt(document.data, base), providers });
  return found.map((problem) =>
    document.problemAt([...base, ...toWritten(problem.path)], problem.message, problem.part),
  );
}

/** A command's options are called otherwise where they are written. */
function toWritten(path: KeyPath): KeyPath {
  return path[0] === "argv" ? ["command", ...path.slice(1)] : path;
}

/** A plugin around a scope is looked at twice. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values()];
}
