import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import type { Hook, HookConfig } from "../../src/core/contracts/hooks.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";

async function load(hooks: readonly HookConfig[]): Promise<readonly Hook[]> {
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": minimalConfig,
    "policies/nightly.json": { ...minimalPolicy, hooks },
  });
  const { policies } = await folder.load();
  const at = (data: unknown): unknown => JSON.parse(JSON.stringify(data).replaceAll(folder.path, "/config"));
  return at(policies.get("nightly")?.hooks) as readonly Hook[];
}

async function digestWith(hooks: readonly HookConfig[]): Promise<string | undefined> {
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": minimalConfig,
    "policies/nightly.json": { ...minimalPolicy, hooks },
  });
  return (await folder.load()).policies.get("nightly")?.digest;
}

/** What is wrong with the hooks of a policy in YAML, as "line:column: message". */
async function problemsOf(...lines: readonly string[]): Promise<readonly string[]> {
  const yaml = ["source: prod", "targets: [{ storage: nas }]", "hooks:", ...lines.map((line) => `  ${line}`)].join(
    "\n",
  );
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": minimalConfig,
    "policies/nightly.yaml": yaml,
  });
  const { facts } = await folder.loadError();
  const problems = facts["problems"] as readonly { line?: number; column?: number; message: string }[];
  return problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

const DEFAULTS = { timeoutMs: 300_000, retries: 0, retryDelayMs: 1000, onError: "fail" };

describe("hooks of a policy", () => {
  it("a hook that says the least runs around the run, under a name from its place", async () => {
    expect(
      await load([
        { on: "before", command: ["./quiesce.sh", "./x"] },
        { on: "finally", shell: "true" },
      ]),
    ).toEqual([
      {
        ...DEFAULTS,
        name: "before-run-1",
        scope: "run",
        before: { use: "command", options: { argv: ["./quiesce.sh", "./x"], cwd: "/config" } },
      },
      {
        ...DEFAULTS,
        name: "finally-run-2",
        scope: "run",
        finally: { use: "command", options: { shell: "true", cwd: "/config" } },
      },
    ]);
  });

  it("a hook is resolved with all that it says", async () => {
    const token = { env: "TOKEN" };
    const hooks: readonly HookConfig[] = [
      {
        name: "alert",
        on: "after",
        scope: "collection",
        when: ["backup"],
        states: ["failed", "partial"],
        http: { url: "https://hooks.example/x", headers: { authorization: token } },
        timeout: "1m30s",
        retries: 2,
        retryDelay: "500ms",
        onError: "warn",
      },
      { around: "source", before: { command: ["a"], cwd: "./scripts", env: { A: token } }, after: { shell: "b" } },
      { around: "run", use: "http", options: { url: "https://hooks.example/x" } },
    ];
    expect(await load(hooks)).toEqual([
      {
        name: "alert",
        scope: "collection",
        after: { use: "http", options: { url: "https://hooks.example/x", headers: { authorization: token } } },
        when: ["backup"],
        states: ["failed", "partial"],
        timeoutMs: 90_000,
        retries: 2,
        retryDelayMs: 500,
        onError: "warn",
      },
      {
        ...DEFAULTS,
        name: "around-source-2",
        scope: "source",
        before: { use: "command", options: { argv: ["a"], cwd: "/config/scripts", env: { A: token } } },
        after: { use: "command", options: { shell: "b", cwd: "/config" } },
      },
      {
        ...DEFAULTS,
        name: "around-run-3",
        scope: "run",
        before: { use: "http", options: { url: "https://hooks.example/x" } },
        after: { use: "http", options: { url: "https://hooks.example/x" } },
      },
    ]);
  });

  it.each([
    ["- { on: before }", "4:5: expected what is run: command, shell, http or use"],
    ["- { shell: a }", "4:5: expected on or around: when it is run"],
    ["- { on: before, shell: a, comand: [a] }", '4:29: unknown key "comand", did you mean "command"?'],
    ["- { on: befor, shell: a }", '4:11: expected "before", "after" or "finally", did you mean "before"?'],
    ["- { on: before, shell: a, http: { url: 'http://a' } }", "4:35: expected one of shell and http, not both"],
    ["- { on: before, shell: a, timeout: 2 m }", "4:38: expected a duration such as 30s, 2m, 1h30m, 7d, at most 24h"],
    ["- { on: before, shell: a, timeout: 0s }", "4:38: expected a duration such as 30s, 2m, 1h30m, 7d, at most 24h"],
    [
      "- { on: before, shell: a, states: [failed] }",
      "4:37: before it there is no state yet: states are of after and finally",
    ],
    ["- { on: finally, shell: a, onError: fail }", "4:39: a finally hook cannot change the result"],
    ["- { on: after, shell: a, onError: skip }", '4:37: after it there is nothing to skip, expected "fail" or "warn"'],
    ["- { on: before, shell: a, options: {} }", "4:38: options are of use only"],
    ["- { on: before, http: { url: 'http://a' }, cwd: x }", "4:51: cwd is of command and shell only"],
    ["- { on: before, around: run, shell: a }", "4:27: expected on or around, not both"],
    ["- { on: before, shell: a, before: { shell: a } }", "4:37: before and after are of a pair, which has around"],
    ["- { around: run, before: { shell: a } }", "4:5: expected before and after, or use with a plugin that has both"],
    ["- { around: run, shell: a }", "4:27: a pair has this in its before and its after"],
    ["- { around: run, scope: run, use: http }", "4:27: the scope of a pair is what around says"],
    [
      "- { around: run, states: [failed], use: http }",
      "4:28: the after of a pair runs if and only if its before was begun",
    ],
    [
      "- { around: run, before: { shell: a }, after: { comand: [b] } }",
      '4:51: unknown key "comand", did you mean "command"?',
    ],
    ["- { on: before, use: htpp }", '4:24: there is no hook plugin "htpp", did you mean "http"?'],
    ["- { on: before, http: { ur: 'http://a' } }", '4:27: unknown key "ur", did you mean "url"?'],
    ["- { on: before, http: { url: 'ftp://a' } }", "4:32: expected a URL with http or https"],
    ["- { on: before, use: http, options: { url: a } }", "4:46: expected a URL with http or https"],
    ["- { around: run, before: { http: { url: a } }, after: { shell: a } }", "4:43: expected a URL with http or https"],
    ["- { on: before, shell: a, env: { A: 1 } }", "4:39: expected text, got 1"],
    [
      "- { on: before, http: { url: 'http://a', headers: { token: abcdef } } }",
      expect.stringContaining("a secret is only given by reference"),
    ],
  ])("%s is refused where it stands", async (line, problem) => {
    const problems = await problemsOf(line);
    expect(problems).toContainEqual(problem);
  });

  it("all hooks are looked at, and two of one name are refused", async () => {
    expect(await problemsOf("- { on: before, name: a, shell: a }", "- { on: after, name: a, http: {} }")).toEqual([
      '5:24: there are two hooks "a"',
      '5:33: missing key "url", expected text',
    ]);
  });

  it("hooks of a policy in the config are looked at, too", async () => {
    const policy = { ...minimalPolicy, hooks: [{ on: "before", use: "none" }] };
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": { ...minimalConfig, policies: { nightly: policy } },
    });
    expect((await folder.loadError()).facts["problems"]).toEqual([
      {
        file: join(folder.path, "milvus-backup.config.json"),
        path: "policies.nightly.hooks[0].use",
        line: 1,
        column: expect.any(Number),
        message: 'there is no hook plugin "none", there is command, http',
      },
    ]);
  });

  it("what a policy inherits is checked in the file that it stands in, and told once", async () => {
    const own = "source: prod\ntargets: [{ storage: nas }]\n";
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        ...minimalConfig,
        defaults: { hooks: [{ on: "before", use: "htp" }] },
        policies: { weekly: minimalPolicy },
      },
      "milvus-backup.config.prod.yaml":
        "plugins: [./none.ts]\npolicies:\n  weekly:\n    hooks: [{ on: after, use: http, options: { ur: x } }]\n",
      "policies/base/http.yaml": "hooks:\n  - { on: before, http: { url: 'ftp://a' } }\n",
      "policies/hourly.yaml": `extends: ./base/http.yaml\n${own}`,
      "policies/nightly.yaml": `extends: ./base/http.yaml\n${own}`,
      "policies/plain.yaml": own,
    });
    const { facts } = await folder.loadError({ environment: "prod" });
    const problems = facts["problems"] as readonly { file: string; line?: number; message: string }[];
    expect(problems.map(({ file, line, message }) => `${relative(folder.path, file)}:${line} ${message}`)).toEqual([
      'milvus-backup.config.json:1 there is no hook plugin "htp", did you mean "http"?',
      expect.stringMatching(/^milvus-backup\.config\.prod\.yaml:1 plugin \.\/none\.ts: it cannot be loaded: /),
      'milvus-backup.config.prod.yaml:4 missing key "url", expected text',
      'milvus-backup.config.prod.yaml:4 unknown key "ur", did you mean "url"?',
      "policies/base/http.yaml:2 expected a URL with http or https",
    ]);
  });

  it("the digest of a policy is of its hooks, too, wherever the config's folder is", async () => {
    const pair = (word: string): HookConfig => ({ around: "run", before: { command: [word] }, after: { shell: "b" } });
    const all: readonly (readonly HookConfig[])[] = [[], [pair("a")], [pair("c")], [{ ...pair("a"), onError: "warn" }]];
    const digests = await Promise.all(all.map(digestWith));
    expect(new Set(digests).size).toBe(4);
    expect(await digestWith([pair("a")])).toBe(digests[1]);
  });
});
