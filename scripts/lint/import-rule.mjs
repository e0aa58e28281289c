/**
 * The import table of the design as a lint rule: who may import whom is data (import-table.json), the longest path of
 * the table that holds a file names its row. Files outside the table (tests, scripts, benches) may import anything.
 */
import { builtinModules } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
/** @type {Record<string, string[]>} */
export const table = JSON.parse(readFileSync(new URL("import-table.json", import.meta.url), "utf8"));

const holds = (row, file) => file === row || file.startsWith(`${row}/`);
const rowOf = (file) =>
  Object.keys(table)
    .filter((row) => holds(row, file))
    .toSorted((a, b) => b.length - a.length)[0];

const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** What an import means in the words of the table: "node", "npm:name" or a path from the root. */
function meaningOf(specifier, file) {
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) return "node";
  if (!specifier.startsWith(".")) return `npm:${packageOf(specifier)}`;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** A sentence when the file may not import that, else undefined. Paths are from the root, with "/". */
export function refuse(file, specifier) {
  const row = rowOf(file);
  if (row === undefined) return undefined;
  const meaning = meaningOf(specifier, file);
  const allowed = [row, ...(table[row] ?? [])];
  if (allowed.some((entry) => holds(entry, meaning))) return undefined;
  return `${row} may not import ${meaning}: see the table in CONTRIBUTING.md`;
}

const rule = {
  create(context) {
    const file = path.relative(root, context.filename).split(path.sep).join("/");
    const check = (node) => {
      const specifier = node?.source?.value ?? node?.argument?.literal?.value;
      if (typeof specifier !== "string") return;
      const message = refuse(file, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { meta: { name: "house" }, rules: { "import-table": rule } };
