import type { JsonSchema } from "../../src/config/json-schema-part.ts";

/** The text of a module whose interfaces have above each key what its schema says of it. */
export function withDocComments(text: string, interfaces: Readonly<Record<string, JsonSchema | undefined>>): string {
  return text.replaceAll(/^export interface (\w+)[^]*?^}/gm, (declaration, name: string) => {
    const schema = interfaces[name];
    return schema === undefined ? declaration : declaration.replaceAll(KEY, (...match) => commented(match, schema));
  });
}

/** A key, with the comment above it; what is not named by a schema keeps its own. */
const KEY = /^(?: {2}\/\*\*(?:(?!\*\/)[^])*\*\/\n)? {2}readonly (\w+)\??:/gm;

function commented([whole, key]: readonly unknown[], { properties = {} }: JsonSchema): string {
  const description = properties[String(key)]?.description;
  if (description === undefined) return String(whole);
  const line = String(whole).split("\n").at(-1);
  const value = properties[String(key)]?.default;
  const isSaid = value === undefined || value === "" || (typeof value === "object" && value !== null);
  const byDefault = isSaid ? "" : ` When absent: ${String(value)}.`;
  return `  /** ${description}${byDefault} */\n${line}`;
}
