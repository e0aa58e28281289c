import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/core/version.ts";

const read = (name: string): Record<string, Record<string, string>> & { version: string } =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));

const manifest = read("package.json");
const deno = read("deno.json");

describe("versions", () => {
  it("VERSION is the package's, and Deno's", () => {
    expect([VERSION, deno.version]).toEqual([manifest.version, manifest.version]);
  });

  it("every dependency is pinned exactly", () => {
    const loose = Object.entries({ ...manifest["dependencies"], ...manifest["devDependencies"] }).filter(
      ([, range]) => !/^\d+\.\d+\.\d+$/.test(range),
    );
    expect(loose).toEqual([]);
  });

  it("Deno's import map names the dependencies in the same versions", () => {
    const { vitest, ...dependencies } = Object.fromEntries(
      Object.entries(deno["imports"] ?? {})
        .filter(([, url]) => url.startsWith("npm:"))
        .map(([name, url]) => [name, url.slice(`npm:${name}@`.length)]),
    );
    expect(dependencies).toEqual(manifest["dependencies"]);
    expect(vitest).toBe(manifest["devDependencies"]?.["vitest"]);
  });
});
