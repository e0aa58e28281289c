import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";

const src = fileURLToPath(new URL("../../src", import.meta.url));

/** The packages that a module loads before it does anything; what it imports when it needs it is left out. */
function packagesOf(entry: string): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const statements = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gmu);
    for (const [, from = ""] of statements) {
      if (from.startsWith(".")) follow(join(dirname(file), from));
      else if (!from.startsWith("node:")) packages.add(from);
    }
  };
  follow(join(src, entry));
  return [...packages].toSorted();
}

it("help loads no package", () => {
  const files = ["cli.ts", ...Object.keys(COMMAND_LOADERS).map((name) => `commands/${name.replace(" ", "-")}.ts`)];
  const loaded = files.map((file) => [file, packagesOf(file)]);
  expect(loaded).toEqual(files.map((file) => [file, []]));
});

it("list loads what finds and checks a config, and neither YAML nor the running of commands", () => {
  expect(packagesOf("commands/list-backups.ts")).toEqual(["cosmiconfig", "zod"]);
});

it("a backup that is not encrypted loads no cryptography of age", () => {
  expect(packagesOf("engine/backup.ts")).toContain("listr2");
  expect(packagesOf("engine/backup.ts")).not.toContain("age-encryption");
});
