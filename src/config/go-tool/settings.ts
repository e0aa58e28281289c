import { parseText } from "../parse-text.ts";
import { isMap } from "../plain-data.ts";
import type { Problem } from "../problem.ts";
import type { Environment } from "../variables.ts";

/** A value of the Go tool's configuration. */
export interface GoSetting {
  /** As text, which a list is with commas. */
  readonly value: string;
  /** The key or the environment variable that it is from. */
  readonly from: string;
}

/** The Go tool's file with its environment over it, as that tool would read both. */
export interface GoSettings {
  readonly version: "v1" | "v2";
  /** The variable's value where it is set and not empty, else that of the first key that the file has, which may be "". */
  find(keys: readonly string[], variable?: string): GoSetting | undefined;
  /** Keys of the file, and variables, that nobody has asked for. */
  unused(variables: readonly string[]): readonly string[];
}

export type ReadGoSettings = GoSettings | { readonly problems: readonly Problem[] };

/** The problems when this is no file of the Go tool's. */
export function readGoSettings(file: string, text: string, env: Environment): ReadGoSettings {
  const { data, problems } = parseText(text, "yaml");
  if (problems.length > 0) {
    return { problems: problems.map(({ message, position }) => ({ file, path: [], message, locate: () => position })) };
  }
  if (!isMap(data))
    return { problems: [{ file, path: [], message: "expected a map, as in the Go tool's backup.yaml" }] };
  const values = new Map(flatten(data, ""));
  const version = values.get("configversion")?.value.toLowerCase() ?? "v1";
  if (version === "v1" || version === "v2") return createSettings(version, values, env);
  return { problems: [{ file, path: ["configVersion"], message: "expected v1 or v2" }] };
}

function createSettings(
  version: GoSettings["version"],
  values: ReadonlyMap<string, GoSetting>,
  env: Environment,
): GoSettings {
  const asked = new Set(["configversion"]);
  return {
    version,
    find: (keys, variable = "") => {
      for (const name of [variable, ...keys]) asked.add(name.toLowerCase());
      const value = env[variable];
      if (value !== undefined && value !== "") return { value, from: variable };
      return keys.map((key) => values.get(key.toLowerCase())).find((setting) => setting !== undefined);
    },
    unused: (variables) => {
      const keys = [...values].filter(([key]) => !asked.has(key)).map(([, { from }]) => from);
      return [...keys, ...variables.filter((name) => (env[name] ?? "") !== "" && !asked.has(name.toLowerCase()))];
    },
  };
}

/** Each value by the small letters of its path: the Go tool's keys may be written in any. */
function flatten(data: object, prefix: string): readonly (readonly [string, GoSetting])[] {
  return Object.entries(data).flatMap(([key, value]: [string, unknown]) => {
    const from = prefix + key;
    if (isMap(value)) return flatten(value, `${from}.`);
    const text = value === null ? "" : String(value); // a list's items with commas between them
    return [[from.toLowerCase(), { value: text, from }] as const];
  });
}
