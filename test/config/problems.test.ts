import process from "node:process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";

const CONFIG = `version: 1
sources:
  prod: { address: "localhost:19530", storage: data }
storages:
  data: { type: local, path: /data }
  nas: { type: local, path: /nas }
`;

/** The problems of a config, without the first line. */
const problemsOf = async (files: Readonly<Record<string, unknown>>, env = {}): Promise<string> => {
  await using folder = await createConfigFolder(files);
  const { code, message } = await folder.loadError({ env });
  const [first = "", ...lines] = message.split("\n");
  expect([code, first]).toEqual(["invalid", expect.stringMatching(/^Cannot use the configuration: \d+ problems?$/)]);
  return lines.join("\n");
};

const configProblems = (text: string, env = {}): Promise<string> =>
  problemsOf({ "milvus-backup.config.yaml": text }, env);

const policyProblems = (text: string): Promise<string> =>
  problemsOf({ "milvus-backup.config.yaml": CONFIG, "policies/nightly.yaml": text });

describe("problems of a policy file", () => {
  it.each([
    [
      "an unknown key",
      "source: prod\ntargets: [{ storage: nas }]\nselect:\n  inclde: [a]\n",
      'policies/nightly.yaml:4:3: unknown key "inclde", did you mean "include"?\n      inclde: [a]\n      ^',
    ],
    [
      "a key of a later version",
      "source: prod\ntargets: [{ storage: nas, schedule: {} }]\n",
      'policies/nightly.yaml:2:27: unknown key "schedule", expected storage, prefix, retention or encryption\n' +
        "    targets: [{ storage: nas, schedule: {} }]\n                              ^",
    ],
    [
      "a missing key",
      "targets:\n  - storage: nas\n",
      'policies/nightly.yaml:1:1: missing key "source", expected text\n    targets:\n    ^',
    ],
    [
      "a wrong type",
      "source: [prod]\ntargets:\n  - storage: nas\n    prefix: 5\n",
      "policies/nightly.yaml:1:9: expected text, got a list\n    source: [prod]\n            ^\n" +
        "policies/nightly.yaml:4:13: expected text, got 5\n        prefix: 5\n                ^",
    ],
    [
      "a wrong value",
      "source: prod\ntargets: [{ storage: nas }]\nconsistency: flsh\n",
      'policies/nightly.yaml:3:14: expected "flush", "skip-flush" or "meta-only", did you mean "flush"?\n' +
        "    consistency: flsh\n                 ^",
    ],
    [
      "a pattern that is none",
      "source: prod\ntargets: [{ storage: nas }]\nselect: { include: [a.b.c] }\n",
      "policies/nightly.yaml:3:21: a pattern has at most one dot: database.collection\n" +
        "    select: { include: [a.b.c] }\n                        ^",
    ],
    [
      "a regular expression that is none",
      "source: prod\ntargets: [{ storage: nas }]\nselect: { exclude: ['/(a/'] }\n",
      "policies/nightly.yaml:3:21: a regular expression has a ( without its )\n" +
        "    select: { exclude: ['/(a/'] }\n                        ^",
    ],
    [
      "a size and a partition that are none",
      "source: prod\ntargets: [{ storage: nas }]\nselect:\n  where: { largerThan: 1GB }\n  partitions: { a: [p.q], b: [] }\n",
      "policies/nightly.yaml:4:24: expected a size such as 512MiB or 1.5GiB\n" +
        "      where: { largerThan: 1GB }\n                           ^\n" +
        "policies/nightly.yaml:5:21: expected a partition's name, with * for any letters and ? for one\n" +
        "      partitions: { a: [p.q], b: [] }\n                        ^\n" +
        "policies/nightly.yaml:5:30: expected a partition, or no such key at all\n" +
        "      partitions: { a: [p.q], b: [] }\n                                 ^",
    ],
    [
      "partitions of what is no pattern",
      "source: prod\ntargets: [{ storage: nas }]\nselect: { partitions: { a.b.c: [p] } }\n",
      "policies/nightly.yaml:3:25: a pattern has at most one dot: database.collection\n",
    ],
    [
      "names that the config does not have",
      "source: prd\ntargets: [{ storage: tape }]\n",
      'policies/nightly.yaml:1:9: there is no source "prd", did you mean "prod"?\n    source: prd\n            ^\n' +
        'policies/nightly.yaml:2:22: there is no storage "tape", there is data, nas\n' +
        "    targets: [{ storage: tape }]\n                         ^",
    ],
    [
      "a target among the source's own files",
      "source: prod\ntargets:\n  - storage: data\n    prefix: insert_log\n",
      'policies/nightly.yaml:3:5: this is where the source "prod" keeps its own files: choose another storage or prefix\n' +
        "      - storage: data\n        ^",
    ],
    [
      "a wrong value that is merged from an anchor",
      "x-a: &a\n  source: prd\nx-b: &b { consistency: flsh }\n<<: [*a, *b]\ntargets: [{ <<: { storage: nas, prefix: / } }]\n",
      'policies/nightly.yaml:2:11: there is no source "prd", did you mean "prod"?\n      source: prd\n              ^\n' +
        'policies/nightly.yaml:3:24: expected "flush", "skip-flush" or "meta-only", did you mean "flush"?\n' +
        "    x-b: &b { consistency: flsh }\n                           ^\n" +
        "policies/nightly.yaml:5:41: expected a prefix without slashes",
    ],
    ["a map that merges itself", "x-a: &a { <<: *a, b: 1 }\n<<: *a\ntargets: []\n", "policies/nightly.yaml:"],
    ["nothing", "# later\n", "policies/nightly.yaml:1:1: it is empty\n    # later\n    ^"],
    ["no map", "- source: prod\n", "policies/nightly.yaml:1:1: expected a map, got a list\n    - source: prod\n    ^"],
    [
      "a limit that is out of range",
      "source: prod\ntargets: [{ storage: nas }]\nlimits: { objects: 0, imports: 1.5 }\n",
      "policies/nightly.yaml:3:20: expected at least 1\n    limits: { objects: 0, imports: 1.5 }\n                       ^\n" +
        "policies/nightly.yaml:3:32: expected a whole number, got 1.5\n    limits: { objects: 0, imports: 1.5 }\n" +
        "                                   ^",
    ],
    ["broken YAML", "source: 'prod\n", "policies/nightly.yaml:2:1: missing closing 'quote"],
    [
      "a key that is there twice",
      "source: prod\ntargets: [{ storage: nas }]\nsource: prod\n",
      'policies/nightly.yaml:3:1: the key "source" is there twice\n    source: prod\n    ^',
    ],
    [
      "a prototype key",
      "source: prod\n__proto__: { a: 1 }\n",
      "policies/nightly.yaml:2:1: the key __proto__ is not allowed\n    __proto__: { a: 1 }\n    ^",
    ],
    [
      "two documents",
      "source: prod\n---\nsource: b\n",
      "policies/nightly.yaml:2:1: a file holds one document only\n    ---\n    ^",
    ],
    [
      "an alias without its anchor",
      "source: *prod\n",
      "policies/nightly.yaml:1:9: there is no anchor &prod before this\n    source: *prod\n            ^",
    ],
    [
      "a value that contains itself",
      "source: &s\n  a: *s\n",
      "policies/nightly.yaml:2:6: this value contains itself\n      a: *s\n         ^",
    ],
  ])("loadConfig() tells the place when a policy has %s", async (_, text, expected) => {
    expect(await policyProblems(text)).toContain(expected);
  });

  it("loadConfig() tells JSON's places as well", async () => {
    const files = { "milvus-backup.config.yaml": CONFIG };
    const wrong = '{\n  "source": "prod",\n  "targets": [{ "storage": "nas" }],\n  "consistncy": "flush"\n}\n';
    expect(await problemsOf({ ...files, "policies/a.json": wrong })).toBe(
      'policies/a.json:4:3: unknown key "consistncy", did you mean "consistency"?\n      "consistncy": "flush"\n      ^',
    );
    expect(await problemsOf({ ...files, "policies/a.json": '{\n  "source": prod\n}\n' })).toBe(
      'policies/a.json:2:13: expected JSON, where text stands in double quotes\n      "source": prod\n                ^',
    );
  });

  it("loadConfig() tells what is wrong in policies by themselves when the config cannot be read", async () => {
    const files = { "milvus-backup.config.yaml": "version: [\n", "policies/a.yaml": "source: prod\nselct: {}\n" };
    expect((await problemsOf(files)).split("\n").filter((line) => /^\S/.test(line))).toEqual([
      expect.stringMatching(/^milvus-backup\.config\.yaml:2:1: /),
      'policies/a.yaml:2:1: unknown key "selct", did you mean "select"?',
    ]);
  });

  it("loadConfig() tells file and path when a policy is code", async () => {
    const text = "export default { source: 'prod', targets: [{ storage: 'nsa', prefx: '' }], limits: () => 1 };\n";
    expect(await problemsOf({ "milvus-backup.config.yaml": CONFIG, "policies/nightly.ts": text })).toBe(
      [
        "policies/nightly.ts: limits: expected plain data, got a function",
        'policies/nightly.ts: targets[0].prefx: unknown key "prefx", did you mean "prefix"?',
        'policies/nightly.ts: targets[0].storage: there is no storage "nsa", did you mean "nas"?',
      ].join("\n"),
    );
  });

  it.each([
    ["throws", "const a = 1;\nthrow new Error('boom');\n", "policies/p.ts:2: it cannot be loaded: boom"],
    ["is broken", "export default {\n  source: [}\n};\n", "policies/p.ts:2:12: it cannot be loaded: Unexpected token"],
    ["exports nothing", "const a: number = 1;\n", "policies/p.ts: it has no default export"],
    ["exports by name only", "export const a = 1;\n", "policies/p.ts: it has no default export"],
    ["throws no error", "throw undefined;\n", "policies/p.ts: it cannot be loaded: undefined"],
    [
      "imports what is not there",
      'import "no-such-thing";\n',
      "policies/p.ts:1: it cannot be loaded: Cannot find module",
    ],
  ])("loadConfig() says so when code %s", async (_, text, expected) => {
    expect(await problemsOf({ "milvus-backup.config.yaml": CONFIG, "policies/p.ts": text })).toContain(expected);
  });

  it("loadConfig() refuses two policies of one name, and names that are none", async () => {
    const inline = { ...minimalConfig, policies: { hourly: minimalPolicy } };
    const files = ["nightly.json", "nightly.yaml", "hourly.json", "-x.json"];
    const policies = Object.fromEntries(files.map((file) => [`policies/${file}`, minimalPolicy]));
    expect(await problemsOf({ "milvus-backup.config.json": inline, ...policies })).toMatch(
      new RegExp(
        [
          "policies/-x\\.json:1:1: the file's name is the policy's: expected a name: letters, digits, _, - and \\., .*",
          'policies/hourly\\.json:1:1: the policy "hourly" is there twice, also in milvus-backup\\.config\\.json',
          'policies/nightly\\.yaml:1:1: the policy "nightly" is there twice, also in nightly\\.json',
        ].join("[^]*"),
      ),
    );
  });
});

describe("problems of a config", () => {
  it.each([
    [
      "a wrong version",
      "version: 2\nsources: {}\nstorages: {}\n",
      "yaml:1:10: expected 1\n    version: 2\n             ^",
    ],
    [
      "a name that is none",
      "version: 1\nsources: {}\nstorages:\n  a/b: { type: local, path: /a }\n",
      "yaml:4:3: expected a name: letters, digits, _, - and ., not starting with - or .\n      a/b: { type: local, path: /a }\n      ^",
    ],
    [
      "a source with an unknown storage",
      CONFIG.replace("storage: data", "storage: dta"),
      'yaml:3:48: there is no storage "dta", did you mean "data"?\n',
    ],
    [
      "an unknown type of storage",
      CONFIG.replace("type: local, path: /nas", "type: loacl"),
      'yaml:6:16: there is no storage type "loacl", did you mean "local"?\n      nas: { type: loacl }\n                   ^',
    ],
    [
      "options that the storage does not have",
      CONFIG.replace("path: /nas", "pth: /nas, durable: 1"),
      'yaml:6:8: missing key "path", expected text\n      nas: { type: local, pth: /nas, durable: 1 }\n           ^\n' +
        'milvus-backup.config.yaml:6:23: unknown key "pth", did you mean "path"?\n',
    ],
    [
      "an unknown name in its own policy",
      `${CONFIG}policies:\n  p: { source: prdo, targets: [{ storage: nas }] }\n`,
      'yaml:8:16: there is no source "prdo", did you mean "prod"?\n',
    ],
    [
      "an address that is none",
      CONFIG.replace("localhost:19530", "root:pw@localhost"),
      'yaml:3:20: expected host:port, such as "localhost:19530", or a URL without a password\n',
    ],
    [
      "a prefix that begins with a slash",
      CONFIG.replace("path: /nas", "path: /nas, prefix: /x"),
      "yaml:6:43: expected a prefix without slashes at its ends and without empty, . and .. parts\n",
    ],
    [
      "a certificate without its key",
      CONFIG.replace("storage: data }", "storage: data, tls: { cert: a.pem } }"),
      "yaml:3:59: expected cert and key together\n",
    ],
    [
      "neither a path nor a yes for readableByMilvus",
      CONFIG.replace("path: /nas", "path: /nas, readableByMilvus: 5"),
      "yaml:6:53: expected true or false or text, got 5\n",
    ],
    [
      "a folder of policies that is not there",
      `${CONFIG}policiesDir: infra\n`,
      "yaml:7:14: cannot read the folder of policies: ENOENT",
    ],
    [
      "a variable without a value",
      CONFIG.replace("/nas", '"${NAS}/x"'),
      "yaml:6:29: the environment variable NAS is not set",
    ],
    ["half a variable", CONFIG.replace("/nas", '"${NAS"'), "yaml:6:29: expected ${NAME} or ${NAME:-default}; for"],
  ])("loadConfig() tells the place when the config has %s", async (_, text, expected) => {
    expect(await configProblems(text)).toContain(`milvus-backup.config.${expected}`);
  });

  it("loadConfig() tells the place in a package.json", async () => {
    const text =
      '{\n  "name": "x",\n  "milvus-backup": {\n    "version": 1,\n    "sources": [],\n    "storages": {}\n  }\n}\n';
    expect(await problemsOf({ "package.json": text })).toBe(
      'package.json:5:16: expected a map, got a list\n        "sources": [],\n                   ^',
    );
  });

  it("loadConfig() tells all problems of all files at once, in their order, and as data", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.yaml": `limits: { objects: many }\n${CONFIG.replace("type: local", "type: tape")}`,
      "policies/a.yaml": "source: prod\nwebhook: {}\n",
      "policies/b.ts": "export default { source: 'x', targets: [] };\n",
    });
    const { message, facts } = await folder.loadError();
    const file = (name: string): string => `${folder.path}/${name}`;
    expect(message.split("\n")[0]).toBe("Cannot use the configuration: 6 problems");
    expect(facts).toEqual({
      problems: [
        {
          file: file("milvus-backup.config.yaml"),
          path: "limits.objects",
          line: 1,
          column: 20,
          message: "expected a number, got text",
        },
        {
          file: file("milvus-backup.config.yaml"),
          path: "storages.data.type",
          line: 6,
          column: 17,
          message: 'there is no storage type "tape", there is local, memory',
        },
        {
          file: file("policies/a.yaml"),
          path: "targets",
          line: 1,
          column: 1,
          message: 'missing key "targets", expected a list',
        },
        {
          file: file("policies/a.yaml"),
          path: "webhook",
          line: 2,
          column: 1,
          message:
            'unknown key "webhook", expected extends, source, targets, retention, schedule, select, consistency, gc, limits, hooks, checks or encryption',
        },
        { file: file("policies/b.ts"), path: "targets", message: 'expected a target: { storage: "name" }' },
        { file: file("policies/b.ts"), path: "source", message: 'there is no source "x", there is prod' },
      ],
    });
  });

  it("loadConfig() shows so many problems when there are more than anyone reads", async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1\n`).join("");
    const before = process.cpuUsage();
    const problems = await configProblems(CONFIG + keys);
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000); // quadratic time would be minutes
    expect(problems.split("\n").at(-1)).toBe("… and 19950 more");
    expect(problems.split("\n")).toHaveLength(151);
  });

  it("loadConfig() refuses what is too large, no text, no file or too deep, without parsing it", async () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    expect(await configProblems(`#${"x".repeat(1024 * 1024)}`)).toBe(
      "milvus-backup.config.yaml: it has 1048577 bytes, and 1 MiB is the most that is read",
    );
    expect(await configProblems(deep)).toMatch(/yaml:1:1: this is nested deeper than 100 levels/);
    expect(await configProblems("- ".repeat(20_000))).toMatch(/yaml:1:1: this is nested deeper than 100 levels/);
    await using folder = await createConfigFolder({ "a.yaml/b": "" });
    expect((await folder.loadError({ configPath: "a.yaml" })).message).toContain("a.yaml: it is not a file");
  });

  it("loadConfig() refuses a text that multiplies itself", async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg", "gh"].map((pair) => pair.split(""))) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(", ")}]`);
    }
    expect(await configProblems(bomb.join("\n"))).toContain("yaml:1:1: excessive alias count");
  });

  it("loadConfig() ends with a BackupError whatever the file holds", async () => {
    const piece = fc.constantFrom(
      "a",
      "sources",
      "storages",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      ",",
      '"',
      "'",
    );
    const odd = fc.constantFrom(
      "&a",
      "*a",
      "<<",
      "!!map",
      "!x",
      "${A",
      "${A}",
      "?",
      "|",
      ">",
      "#",
      "\t",
      "%",
      "\u0000",
      "---",
    );
    const text = fc.array(fc.oneof(piece, odd), { maxLength: 40 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(text, fc.jsonValue(), async (yaml, json) => {
        await using files = await createConfigFolder({ "a.yaml": yaml, "b.json": JSON.stringify(json) });
        expect((await files.loadError({ configPath: "a.yaml" })).code).toBe("invalid");
        expect((await files.loadError({ configPath: "b.json" })).code).toBe("invalid");
      }),
      { numRuns: 200 },
    );
  });
});
