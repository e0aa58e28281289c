import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/core/contracts/policy.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";

type Files = Readonly<Record<string, unknown>>;

const CONFIG = { "milvus-backup.config.json": minimalConfig };

/** The policy `nightly` of these files. */
async function nightlyOf(files: Files, env = {}): Promise<Policy | undefined> {
  await using folder = await createConfigFolder({ ...CONFIG, ...files });
  return (await folder.load({ env })).policies.get("nightly");
}

/** The problems of these files, without the first line. */
async function problemsOf(files: Files): Promise<string> {
  await using folder = await createConfigFolder({ ...CONFIG, ...files });
  const { message } = await folder.loadError();
  return message.split("\n").slice(1).join("\n");
}

describe("extends", () => {
  it("a policy inherits from files and packages: maps merge, lists and texts replace, later ones win", async () => {
    const nightly = await nightlyOf({
      "policies/nightly.yaml":
        "extends: [../base/first.ts, '@company/backup', ./base/second.json]\nselect: { exclude: [own] }\n",
      "base/first.ts":
        'export default { source: "prod", consistency: "meta-only", limits: { objects: 1, imports: 1 } };',
      "node_modules/@company/backup/package.json": { name: "@company/backup", version: "1.0.0", main: "backup.yaml" },
      "node_modules/@company/backup/backup.yaml": "consistency: skip-flush\nselect: { include: [a, b] }\n",
      "policies/base/second.json": {
        targets: [{ storage: "nas" }],
        select: { exclude: ["x"] },
        limits: { objects: 2 },
      },
    });
    expect(nightly).toEqual({
      name: "nightly",
      source: "prod",
      targets: [{ storage: "nas", prefix: "" }],
      select: { include: ["a", "b"], exclude: ["own"] },
      consistency: "skip-flush",
      gc: "off",
      limits: { collections: 4, objects: 2, imports: 1 },
      hooks: [],
      checks: [],
      digest: expect.any(String),
    });
  });

  it("a file that is extended extends others, from its own folder, named by a variable", async () => {
    const nightly = await nightlyOf(
      {
        "policies/nightly.yaml": "extends: ../a/one.yaml\ntargets: [{ storage: nas }]\n",
        "a/one.yaml": "extends: ./b/${KIND:-none}.yaml\nconsistency: skip-flush\n",
        "a/b/two.yaml": "source: prod\nconsistency: meta-only\n",
      },
      { KIND: "two" },
    );
    expect([nightly?.source, nightly?.consistency]).toEqual(["prod", "skip-flush"]);
  });

  it("null removes what is inherited, also a part of a map", async () => {
    const nightly = await nightlyOf({
      "policies/nightly.yaml": "extends: ../base.yaml\nconsistency: null\nselect:\n  exclude:\n",
      "base.yaml":
        "source: prod\ntargets: [{ storage: nas }]\nconsistency: meta-only\nselect: { include: [a], exclude: [b] }\n",
    });
    expect([nightly?.consistency, nightly?.select]).toEqual(["flush", { include: ["a"], exclude: [] }]);
  });

  it("null with nothing to remove is a problem, and what was removed is missing", async () => {
    expect(
      await problemsOf({
        "policies/nightly.yaml": "extends: ../base.yaml\nsource: null\nconsistency: null\nslect: null\n",
        "base.yaml": "source: prod\ntargets: [{ storage: nas }]\n",
      }),
    ).toBe(
      [
        'policies/nightly.yaml:2:9: missing key "source", expected text\n    source: null\n            ^',
        'policies/nightly.yaml:3:14: expected "flush", "skip-flush" or "meta-only"\n    consistency: null\n                 ^',
        'policies/nightly.yaml:4:1: unknown key "slect", did you mean "select"?\n    slect: null\n    ^',
      ].join("\n"),
    );
  });

  it("a problem in what is inherited is told once, where it was written", async () => {
    expect(
      await problemsOf({
        "policies/nightly.yaml": "extends: ../base.yaml\n",
        "policies/hourly.yaml": "extends: ../base.yaml\nlimits: { objects: 0 }\n",
        "base.yaml": "source: prd\ntargets: [{ storage: nas }]\nlimits: { imports: x }\nconsistncy: flush\n",
      }),
    ).toBe(
      [
        "policies/hourly.yaml:2:20: expected at least 1\n    limits: { objects: 0 }\n                       ^",
        'base.yaml:1:9: there is no source "prd", did you mean "prod"?\n    source: prd\n            ^',
        "base.yaml:3:20: expected a number, got text\n    limits: { imports: x }\n                       ^",
        'base.yaml:4:1: unknown key "consistncy", did you mean "consistency"?\n    consistncy: flush\n    ^',
      ].join("\n"),
    );
  });

  it.each([
    ["itself", "./nightly.yaml", "this extends itself: policies/nightly.yaml → policies/nightly.yaml"],
    [
      "what extends it",
      "./base/c.yaml",
      "this extends itself: policies/nightly.yaml → policies/base/c.yaml → policies/nightly.yaml",
    ],
    ["no file", "./base/none.yaml", /there is no file .*\/policies\/base\/none\.yaml/],
    ["a folder", "./base/", /there is no file .*\/policies\/base/],
    ["a file without ./", "base/c.yaml", 'there is no package "base/c.yaml", did you mean "./base/c.yaml"?'],
    ["no package", "company-base", 'there is no package "company-base"; a file begins with ./ or ../'],
    ["what Node brings", "node:fs", 'there is no package "node:fs"'],
    ["a package that exports nothing", "closed", 'the package "closed" cannot be used: '],
    ["a number", "5", "expected text or a list, got 5"],
    ["nothing", "", "expected text or a list, got nothing"],
    ["a list with more", "[5]", "expected text, got 5"],
  ])("a policy that extends %s is told where it says so", async (_, value, expected) => {
    const problems = await problemsOf({
      "policies/nightly.yaml": `source: prod\ntargets: [{ storage: nas }]\nextends: ${value}\n`,
      "policies/base/c.yaml": "extends: ../nightly.yaml\n",
      "node_modules/closed/package.json": { name: "closed", exports: {} },
    });
    expect(problems).toMatch(/^policies\/(?:nightly\.yaml:3:\d+|base\/c\.yaml:1:10): /);
    expect(problems).toMatch(expected);
  });

  it.each([
    ["a list", "- source: prod\n", "base.yaml:1:1: expected a map, got a list"],
    ["a number", "5\n", "base.yaml:1:1: expected a map, got 5"],
    ["nothing", "# later\n", "base.yaml:1:1: it is empty"],
    ["two documents", "source: prod\n---\n", "base.yaml:2:1: a file holds one document only"],
  ])("a file that is extended and holds %s is told", async (_, text, expected) => {
    const files = { "policies/nightly.yaml": "extends: ../base.yaml\nsource: prod\n", "base.yaml": text };
    expect((await problemsOf(files)).split("\n")[0]).toBe(expected);
  });

  it("many files that extend each other are read once each", async () => {
    const levels = Array.from({ length: 30 }, (_, level) => level);
    const files = levels.flatMap((level) =>
      ["a", "b"].map(
        (side) =>
          [
            `base/${side}${level}.json`,
            { extends: level === 0 ? [] : [`./a${level - 1}.json`, `./b${level - 1}.json`] },
          ] as const,
      ),
    );
    const nightly = await nightlyOf({
      ...Object.fromEntries(files),
      "policies/nightly.json": { ...minimalPolicy, extends: ["../base/a29.json", "../base/b29.json"] },
    });
    expect(nightly?.source).toBe("prod");
  });
});

describe("defaults", () => {
  const DEFAULTS =
    "version: 1\nsources: { prod: { address: m, storage: data } }\nstorages: { data: { type: local, path: /data }, nas: { type: local, path: /nas } }\n" +
    "defaults:\n  extends: ./common.yaml\n  targets: [{ storage: nas }]\n  limits: { objects: 7 }\n";

  it("every policy inherits the config's defaults, below all that it extends", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.yaml": `${DEFAULTS}policies:\n  inline: { extends: ./base.yaml, limits: null }\n`,
      "common.yaml": "source: prod\nconsistency: meta-only\nlimits: { objects: 1, imports: 1 }\n",
      "base.yaml": "consistency: skip-flush\n",
      "policies/nightly.yaml": "limits: { imports: 2 }\n",
    });
    const { policies } = await folder.load();
    expect([...policies.values()].map(({ name, consistency, limits }) => [name, consistency, limits])).toEqual([
      ["inline", "skip-flush", { collections: 4, objects: 64, imports: 8 }],
      ["nightly", "meta-only", { collections: 4, objects: 7, imports: 2 }],
    ]);
  });

  it("a problem of the defaults is told once, also where there is no policy", async () => {
    const expected = [
      'milvus-backup.config.yaml:6:24: there is no storage "nsa", did you mean "nas"?\n      targets: [{ storage: nsa }]\n                           ^',
      "milvus-backup.config.yaml:7:22: expected a number, got text\n      limits: { objects: x }\n                         ^",
    ];
    const config = DEFAULTS.replace("extends: ./common.yaml", "source: prod")
      .replace("objects: 7", "objects: x")
      .replace("[{ storage: nas", "[{ storage: nsa");
    const files = { "milvus-backup.config.json": "", "milvus-backup.config.yaml": config };
    await using alone = await createConfigFolder(files);
    expect(
      (await alone.loadError({ configPath: "milvus-backup.config.yaml" })).message.split("\n").slice(1).join("\n"),
    ).toBe(expected.join("\n"));
    await using used = await createConfigFolder({
      ...files,
      "policies/a.yaml": "limits: {}\n",
      "policies/b.yaml": "limits: {}\n",
    });
    expect(
      (await used.loadError({ configPath: "milvus-backup.config.yaml" })).message.split("\n").slice(1).join("\n"),
    ).toBe(expected.join("\n"));
  });
});

describe("overlays", () => {
  const FILES = {
    "milvus-backup.config.json": { ...minimalConfig, policies: { nightly: minimalPolicy } },
    "milvus-backup.config.prod.yaml":
      "sources: { prod: { address: 'milvus.prod:19530' } }\nstorages: { nas: { path: /prod } }\n",
    "milvus-backup.config.staging.ts": "export default { policies: { nightly: null }, storages: { nas: null } };\n",
  };

  it.each([
    [undefined, "localhost:19530", "/nas"],
    ["prod", "milvus.prod:19530", "/prod"],
    ["staging", "localhost:19530", undefined],
  ])("the environment %s is laid over the config", async (environment, address, path) => {
    await using folder = await createConfigFolder(FILES);
    const config = await folder.load({ environment });
    expect([config.sources.get("prod")?.address, config.storages.get("nas")?.options["path"]]).toEqual([address, path]);
    expect([...config.policies.keys()]).toEqual(environment === "staging" ? [] : ["nightly"]);
  });

  it.each([
    ["prd", FILES, ['There is no environment "prd", did you mean "prod"?', "there is prod, staging"]],
    ["../prod", FILES, ['There is no environment "../prod"', "there is prod, staging"]],
    [
      "prod",
      CONFIG,
      [
        'There is no environment "prod"',
        expect.stringMatching(/^it is a file milvus-backup\.config\.prod\.yaml in \//),
      ],
    ],
    [
      "prod",
      { ...FILES, "milvus-backup.config.prod.ts": "" },
      [
        "The environment prod is there twice, in milvus-backup.config.prod.ts and milvus-backup.config.prod.yaml",
        undefined,
      ],
    ],
  ])("the environment %s that is not there is an error, with what there is", async (environment, files, told) => {
    await using folder = await createConfigFolder(files);
    const { code, message, hint } = await folder.loadError({ environment });
    expect([code, message, hint]).toEqual(["invalid", ...told]);
  });

  it.each([
    ["package.json", { "milvus-backup": minimalConfig }],
    [".milvus-backuprc", minimalConfig],
    ["other.yaml", minimalConfig],
  ])("%s has overlays, too", async (name, content) => {
    const overlay = name === "other.yaml" ? "other.prod.json" : "milvus-backup.config.prod.json";
    await using folder = await createConfigFolder({ [name]: content, [overlay]: { limits: { objects: 3 } } });
    const config = await folder.load({ environment: "prod", configPath: name === "other.yaml" ? name : undefined });
    expect(config.limits.objects).toBe(3);
  });

  it("a secret is replaced as a whole, and a variable that is covered need not be set", async () => {
    const source = { address: "${NOT_SET}", storage: "data", auth: { token: { env: "A" } } };
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": { ...minimalConfig, sources: { prod: source } },
      "milvus-backup.config.prod.yaml": "sources: { prod: { address: m, auth: { token: { file: b } } } }\n",
    });
    const { sources } = await folder.load({ environment: "prod" });
    expect(sources.get("prod")).toEqual({
      name: "prod",
      address: "m",
      storage: "data",
      auth: { token: { file: "b" } },
    });
  });
});

describe("originOf()", () => {
  it("originOf() gives the file and place of every value, whatever it was merged from", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.yaml":
        "version: 1\nsources:\n  prod: { address: m, storage: data }\nstorages: { data: { type: memory }, nas: { type: local, path: /nas } }\ndefaults:\n  targets:\n    - storage: nas\n",
      "milvus-backup.config.prod.json": '{\n  "sources": { "prod": { "address": "p" } }\n}\n',
      "base.ts": "export default { source: 'prod', limits: { objects: 3 } };",
      "policies/nightly.yaml": "extends: ../base.ts\nlimits:\n  imports: 2\n",
    });
    const { originOf } = await folder.load({ environment: "prod" });
    const shown = (...path: readonly PropertyKey[]): unknown => {
      const origin = originOf(path);
      return origin && [origin.file.slice(folder.path.length + 1), origin.path.join("."), origin.line, origin.column];
    };
    expect([
      shown("sources", "prod", "address"),
      shown("sources", "prod", "storage"),
      shown("policies", "nightly", "source"),
      shown("policies", "nightly", "targets", 0, "storage"),
      shown("policies", "nightly", "limits", "objects"),
      shown("policies", "nightly", "limits", "imports"),
      shown("policies", "nightly", "consistency"),
      shown("policies", "weekly", "source"),
      shown("limits", "objects"),
    ]).toEqual([
      ["milvus-backup.config.prod.json", "sources.prod.address", 2, 37],
      ["milvus-backup.config.yaml", "sources.prod.storage", 3, 32],
      ["base.ts", "source", undefined, undefined],
      ["milvus-backup.config.yaml", "defaults.targets.0.storage", 7, 16],
      ["base.ts", "limits.objects", undefined, undefined],
      ["policies/nightly.yaml", "limits.imports", 3, 12],
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the loader", () => {
  it("loadConfig() ends with a config or a BackupError whatever extends what, and whatever the files hold", async () => {
    const name = fc.constantFrom(
      "./a.yaml",
      "./b.json",
      "./c.yaml",
      "../policies/p.yaml",
      "../milvus-backup.config.yaml",
      "x",
      "",
      "./",
    );
    const piece = fc.record(
      {
        extends: fc.oneof(name, fc.array(name, { maxLength: 3 }), fc.jsonValue()),
        source: fc.constantFrom("prod", null, "${A}", 5),
        targets: fc.constantFrom([{ storage: "nas" }], null, [], {}, [null]),
        select: fc.oneof(fc.jsonValue(), fc.record({ include: fc.jsonValue() })),
        constructor: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const part = fc.oneof({ weight: 3, arbitrary: piece }, { weight: 1, arbitrary: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(fc.tuple(part, part, part, part), async ([a, b, c, p]) => {
        await using folder = await createConfigFolder({
          "milvus-backup.config.yaml": JSON.stringify({ ...minimalConfig, extends: "./base/c.yaml", defaults: c }),
          "base/a.yaml": JSON.stringify(a),
          "base/b.json": JSON.stringify(b),
          "base/c.yaml": JSON.stringify({ defaults: a, policies: { q: b } }),
          "policies/p.yaml": JSON.stringify(p),
        });
        const outcome: unknown = await folder.load().catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toMatchObject({ name: "BackupError", code: "invalid" });
        else expect(outcome).toHaveProperty("policies");
      }),
      { numRuns: 150 },
    );
  });
});
