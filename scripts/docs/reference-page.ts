import type { JsonSchema } from "../../src/config/json-schema-part.ts";

export interface ReferencePart {
  readonly title: string;
  readonly intro: string;
  readonly schema: JsonSchema;
}

/** A page of tables, a row for each key, from what the schemas say. */
export function referencePage(title: string, intro: string, parts: readonly ReferencePart[]): string {
  const sections = parts.map((part) => [`## ${part.title}\n`, `${part.intro}\n`, tableOf(part.schema)].join("\n"));
  return [
    "<!-- Made by npm run docs from the schemas in src/config/schema and plugins -->\n",
    `# ${title}\n`,
    `${intro}\n`,
    ...sections,
  ].join("\n");
}

function tableOf(schema: JsonSchema): string {
  const rows = rowsOf(schema, "").map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return ["| key | value | default | meaning |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

type Row = readonly [key: string, value: string, byDefault: string, meaning: string];

function rowsOf(schema: JsonSchema, prefix: string, otherWays: readonly string[] = []): readonly Row[] {
  const { properties = {}, required = [] } = schema;
  const unless = otherWays.length === 0 ? "" : `, unless ${otherWays.map((key) => `\`${key}\``).join(" or ")}`;
  return Object.entries(properties).flatMap(([key, one]) => {
    const path = prefix + key;
    const byDefault = required.includes(key) ? `required${unless}` : defaultOf(one);
    const row: Row = [`\`${path}\``, typeOf(one), byDefault, one.description ?? ""];
    return [row, ...rowsInside(one, path)];
  });
}

/** Of the maps in it: a record's names are NAME, a list's items []. */
function rowsInside(schema: JsonSchema, path: string): readonly Row[] {
  const { additionalProperties: values, items, anyOf: ways = [] } = schema;
  const othersThan = (way: JsonSchema): readonly string[] =>
    ways.filter((other) => other !== way).flatMap(({ required = [] }) => required.slice(0, 1));
  return [
    ...rowsOf(schema, `${path}.`),
    ...(typeof values === "object" ? rowsInside(values, `${path}.NAME`) : []),
    ...(items ? rowsInside(items, `${path}[]`) : []),
    ...ways.flatMap((way) => rowsOf(way, `${path}.`, othersThan(way))),
  ];
}

function defaultOf({ default: value }: JsonSchema): string {
  const isEmpty =
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return isEmpty || value === "" ? "" : `\`${JSON.stringify(value)}\``;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "`true` or `false`",
  object: "map",
};

function typeOf(schema: JsonSchema): string {
  if (schema.allOf !== undefined) return "secret";
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}s`;
  return TYPES[String(schema.type)] ?? "map";
}
