import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { table } from "../../scripts/lint/import-rule.mjs";

const nameOf = (entry: string): string => (entry === "node" ? "`node:*`" : `\`${entry.replace("npm:", "")}\``);

it("CONTRIBUTING.md shows the import table that the lint rule enforces", () => {
  const text = readFileSync(new URL("../../CONTRIBUTING.md", import.meta.url), "utf8");
  const lines = text.split("\n").map((line) => line.replaceAll(/ +/g, " ")); // the formatter pads tables
  const shown = lines.filter((line) => /^\| `(src|plugins|policies|examples|milvus-backup)/.test(line));
  const expected = Object.entries(table).map(([row, entries]) => `| \`${row}\` | ${entries.map(nameOf).join(", ")} |`);
  expect(shown).toEqual(expected);
});
