import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { denoFlags } from "../support/deno.ts";
import { VERSION } from "../../src/core/version.ts";

interface Described {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

interface Package extends Described {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly source?: string }>>;
  readonly bin: Readonly<Record<string, string>>;
}

interface DenoPackage extends Described {
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, string>>;
}

const manifest = read<Package>("package.json");
const deno = read<DenoPackage>("deno.json");

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));
}

/** Where each entry point of the package is in the source, as package.json says it. */
const entries = Object.entries(manifest.exports).flatMap(([path, { source }]) =>
  source === undefined ? [] : [[path, source] as const],
);

describe("versions", () => {
  it("VERSION is the package's, and Deno's", () => {
    expect([VERSION, deno.version]).toEqual([manifest.version, manifest.version]);
  });

  it("every dependency is pinned exactly", () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, range]) => !/^\d+\.\d+\.\d+$/.test(range),
    );
    expect(loose).toEqual([]);
  });

  it("Deno's import map names the dependencies in the same versions", () => {
    const { vitest, ...dependencies } = Object.fromEntries(
      Object.entries(deno.imports)
        .filter(([, url]) => url.startsWith("npm:"))
        .map(([name, url]) => [name, url.slice(`npm:${name}@`.length)]),
    );
    expect(dependencies).toEqual(manifest.dependencies);
    expect(vitest).toBe(manifest.devDependencies["vitest"]);
  });

  it("npm and Deno know the package by one name, under one licence", () => {
    expect([deno.name, deno.license]).toEqual([`@milvus-backup/${manifest.name}`, manifest.license]);
  });

  it("Deno's exports are the package's, and its program", () => {
    const { "./cli": cli, ...exports } = deno.exports;
    expect(exports).toEqual(Object.fromEntries(entries));
    expect({ "milvus-backup": cli?.replace("./src/", "./dist/src/").replace(".ts", ".js") }).toEqual(manifest.bin);
  });

  it("Deno's import map finds the package under its own name", () => {
    const own = Object.entries(deno.imports).filter(([name]) => name.startsWith(manifest.name));
    expect(Object.fromEntries(own)).toEqual(
      Object.fromEntries(entries.map(([path, source]) => [path.replace(".", manifest.name), source])),
    );
  });

  it("deno task milvus-backup has the permissions that the README tells, no other", () => {
    const flags = denoFlags("everything").join(" ");
    expect(deno.tasks["milvus-backup"]).toBe(`env deno run ${flags} src/cli.ts`);
  });
});
