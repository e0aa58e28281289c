import { isSecretKey } from "./literal-secrets.ts";

/** As much of JSON Schema as describes our files. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** Any text may have a variable in it, so that its own form is known only later. */
export function withVariables(schema: JsonSchema): JsonSchema {
  return changeTexts(schema, (text) => {
    const { pattern, format: _, ...others } = text;
    if (text.enum !== undefined) return anyOf(text, { type: "string", pattern: VARIABLE });
    return pattern === undefined ? others : { ...others, pattern: `${VARIABLE}|${pattern}` };
  });
}

const VARIABLE = String.raw`\$\{`;

/** In the options of a plugin a secret may stand for any text, and must where the key says that it is one. */
export function withSecrets(schema: JsonSchema): JsonSchema {
  const secret = { allOf: [{ $ref: "#/definitions/Secret" }] };
  return changeTexts(schema, (text, key) =>
    isSecretKey(key) ? { ...described(text), ...secret } : anyOf(text, secret),
  );
}

/** One file of several that are merged: it need not have anything, and null takes away. A list is always whole. */
export function toPart(schema: JsonSchema): JsonSchema {
  const { required: _, anyOf: ways = [], ...others } = schema;
  if (ways.length > 0 && ways.every(({ type }) => type === "object")) {
    const properties = Object.fromEntries(ways.flatMap((way) => Object.entries(way.properties ?? {})));
    return toPart({ ...others, type: "object", properties, additionalProperties: false });
  }
  if (schema.type !== "object") return schema;
  const { properties, additionalProperties: values } = schema;
  return {
    ...others,
    ...(properties && { properties: mapValues(properties, (one) => orNull(toPart(one))) }),
    ...(typeof values === "object" && { additionalProperties: orNull(toPart(values)) }),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  return Object.keys(schema).length === 0 ? schema : anyOf(schema, { type: "null" });
}

/** What is said of the whole stays outside, where editors look for it. */
function anyOf(schema: JsonSchema, way: JsonSchema): JsonSchema {
  const { description: _, default: __, anyOf: ways, ...others } = schema;
  const isUnion = ways !== undefined && Object.keys(others).length === 0;
  return { ...described(schema), anyOf: [...(isUnion ? ways : [{ ...others, ...(ways && { anyOf: ways }) }]), way] };
}

function described({ description, default: value }: JsonSchema): JsonSchema {
  return { ...(description !== undefined && { description }), ...(value !== undefined && { default: value }) };
}

function changeTexts(
  schema: JsonSchema,
  change: (text: JsonSchema, key: string) => JsonSchema,
  key: string = "",
): JsonSchema {
  if (schema.type === "string") return change(schema, key);
  const { properties, additionalProperties: values, items, anyOf: ways } = schema;
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, (one, name) => changeTexts(one, change, name)) }),
    ...(typeof values === "object" && { additionalProperties: changeTexts(values, change) }),
    ...(items && { items: changeTexts(items, change, key) }),
    ...(ways && { anyOf: ways.map((way) => changeTexts(way, change, key)) }),
  };
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
