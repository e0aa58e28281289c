import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { askOn } from "../../src/commands/ask.ts";
import { builtinStorages } from "../../src/builtins.ts";
import { createConfigFolder, type ConfigFolder } from "../support/config-folder.ts";
import { startFakeMilvus } from "../support/fake-milvus.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { type CommandPlace, runCommand } from "../support/run-command.ts";

const OFFLINE = ["--source", "localhost:1", "--source-storage", "/data", "--target", "./backups", "--offline"];

/** Somebody who gives these answers, and the questions that were asked. */
function answering(answers: readonly string[]): Required<Pick<CommandPlace, "ask">> & { readonly asked: string[] } {
  const asked: string[] = [];
  const left = [...answers];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`Nobody answers ${question}`);
    return answer;
  };
  return { asked, ask };
}

const load = (folder: ConfigFolder) => folder.load({ storagePlugins: builtinStorages });

describe("milvus-backup init", () => {
  it("init looks at the source, its storage and the target, then writes a config and a policy that load", async () => {
    const world = await createMilvusWorld(["shop.a"]);
    await using fake = await startFakeMilvus(world.handlers, { version: "v2.3.5" });
    await using folder = await createConfigFolder({});
    await mkdir(join(folder.path, "data"));
    await using data = await openLocal(join(folder.path, "data"), false);
    await world.seed(data);
    const places = ["--source", fake.address, "--source-storage", "./data/files", "--target", "./backups"];
    const { status, stdout, stderr } = await runCommand(
      { cwd: folder.path, env: { MILVUS_PASSWORD: "pw" } },
      "init",
      ...places,
      "--username",
      "root",
      "--include",
      "shop.*",
      "--json",
    );
    const { files, findings } = JSON.parse(stdout) as {
      files: unknown;
      findings: { subject: string; status: string }[];
    };
    expect([status, stderr, files]).toEqual([0, "", ["milvus-backup.config.yaml", "policies/nightly.yaml"]]);
    expect(findings.map(({ subject, status: found }) => `${found} ${subject}`).slice(0, 3)).toEqual([
      `ok source ${fake.address}`,
      `ok source ${fake.address}`,
      `ok target ${folder.path}/backups`,
    ]);
    const { sources, storages, policies } = await load(folder);
    expect([...sources.values()]).toEqual([
      {
        name: "milvus",
        address: fake.address,
        auth: { username: "root", password: { env: "MILVUS_PASSWORD" } },
        storage: "milvus-data",
      },
    ]);
    expect([...storages.values()].map(({ options }) => options)).toEqual([
      { path: join(folder.path, "data/files") },
      { path: join(folder.path, "backups") },
    ]);
    expect(policies.get("nightly")?.select.include).toEqual(["shop.*"]);
    expect(policies.get("nightly")?.targets[0].retention).toEqual({ keep: { daily: 7, weekly: 4 } });
  });

  it.each(["yaml", "ts"])("init --format %s writes comments that teach, and odd texts as they are", async (format) => {
    await using folder = await createConfigFolder({});
    const odd = ["--source-storage", 's3://b/a${b}"c?endpoint=https://s3.example&pathStyle=false'];
    const include = ["--include", String.raw`/a\d${"{2}"}/`, "--policy", "hourly"];
    const result = await runCommand({ cwd: folder.path }, "init", ...OFFLINE, ...odd, ...include, "--format", format);
    expect(result).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringContaining(`policies/hourly.${format}`),
    });
    const { storages, policies } = await load(folder);
    expect(storages.get("milvus-data")).toEqual({
      name: "milvus-data",
      type: "s3",
      prefix: 'a${b}"c',
      readableByMilvus: false,
      options: { bucket: "b", endpoint: "https://s3.example", forcePathStyle: false },
    });
    expect(policies.get("hourly")?.select.include).toEqual([String.raw`/a\d{2}/`]);
    const config = await readFile(join(folder.path, `milvus-backup.config.${format}`), "utf8");
    expect(config).toContain("A password is only given by reference");
    if (format === "yaml") expect(config).toMatch(/^# yaml-language-server: \$schema=\S+config\.schema\.json\n/);
  });

  it("init asks on a terminal for what no flag says, again where an answer is needed, and takes what it offers", async () => {
    await using folder = await createConfigFolder({});
    const person = answering(["", "me", "", "/data", "weekly", "monthly 3", "0 2 * * 1"]);
    const place = { cwd: folder.path, ask: person.ask };
    expect(await runCommand(place, "init", "--target", "/nas", "--offline")).toMatchObject({ status: 0, stderr: "" });
    expect(person.asked.map((question) => question.slice(0, 22))).toEqual([
      "Which Milvus, as host:",
      "Who logs in there? The",
      "Where does that Milvus",
      "Where does that Milvus",
      "What is the policy to ",
      "Which backups are to b",
      "When is a backup due, ",
    ]);
    const { sources, policies } = await load(folder);
    expect(sources.get("milvus")).toMatchObject({ address: "localhost:19530", auth: { username: "me" } });
    expect([...policies.keys()]).toEqual(["weekly"]);
    expect(policies.get("weekly")?.targets[0].retention).toEqual({ keep: { monthly: 3 } });
    expect(policies.get("weekly")?.schedule).toMatchObject({ cron: "0 2 * * 1", timezone: "UTC" });
  });

  it("init --yes asks nothing, and takes a token of the environment by its reference", async () => {
    await using folder = await createConfigFolder({});
    const place = {
      cwd: folder.path,
      ask: answering([]).ask,
      env: { MILVUS_ADDRESS: "m", MILVUS_TOKEN: "canary-4711" },
    };
    const flags = ["--yes", "--source-storage", "/data", "--target", "/nas", "--offline"];
    expect(await runCommand(place, "init", ...flags)).toMatchObject({ status: 0, stderr: "" });
    expect((await load(folder)).sources.get("milvus")).toEqual({
      name: "milvus",
      address: "m:19530",
      auth: { token: { env: "MILVUS_TOKEN" } },
      storage: "milvus-data",
    });
  });

  it.each([
    [[], 2, "without --source, --source-storage, --target"],
    [["--yes"], 2, "without --source-storage, --target"],
    [[...OFFLINE, "--policy", "../x"], 2, 'A policy cannot be called "../x"'],
    [[...OFFLINE, "--keep", "daily"], 2, 'Cannot keep "daily"'],
    [[...OFFLINE, "--keep", "daily 7, daily 8"], 2, "Cannot keep"],
    [[...OFFLINE, "--schedule", "0 0 30 2 *"], 2, 'Cannot use the schedule "0 0 30 2 *": it never fires'],
    [[...OFFLINE, "--include", "a,b"], 2, "--include cannot be"],
    [[...OFFLINE, "--target", "nas"], 10, 'There is no storage "nas"'],
    [[...OFFLINE, "--source", "https://me:canary@m:1"], 2, "Cannot use an address with credentials in it"],
    [[...OFFLINE, "--target", "s3://key:canary@b/p"], 2, "Cannot use a place with credentials in it"],
    [[...OFFLINE, "--target", "/data/insert_log"], 13, "this is where the source"],
    [OFFLINE.slice(0, -1), 14, "Nothing was written: source localhost:1"],
  ])(
    "init %j ends with %i and leaves nothing behind",
    async (args, status, message) => {
      await using folder = await createConfigFolder({});
      const result = await runCommand({ cwd: folder.path }, "init", ...args);
      expect([result.status, result.stdout, result.stderr]).toEqual([status, "", expect.stringContaining(message)]);
      expect([await readdir(folder.path), result.stderr.includes("canary")]).toEqual([[], false]);
    },
    40_000,
  );

  it.each([
    ["milvus-backup.config.yaml", "version: 1\n"],
    ["milvus-backup.config.ts", "export default {};\n"],
    [".milvus-backuprc", ""],
    ["policies/nightly.json", "{}"],
  ])("init writes nothing over or beside %s", async (path, text) => {
    await using folder = await createConfigFolder({ [path]: text });
    const before = await readdir(folder.path, { recursive: true });
    const result = await runCommand({ cwd: folder.path }, "init", ...OFFLINE);
    expect(result).toMatchObject({
      status: 15,
      stdout: "",
      stderr: expect.stringContaining(`${path} is already there`),
    });
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
    expect(await readFile(join(folder.path, path), "utf8")).toBe(text);
  });

  it("init leaves the folder as it was when another policy there does not fit the new config", async () => {
    await using folder = await createConfigFolder({
      "policies/other.yaml": "source: nowhere\ntargets: [{ storage: x }]\n",
    });
    const { status } = await runCommand({ cwd: folder.path }, "init", ...OFFLINE);
    expect([status, await readdir(folder.path, { recursive: true })]).toEqual([
      13,
      ["policies", "policies/other.yaml"],
    ]);
  });
});

describe("askOn()", () => {
  const { signal } = new AbortController();

  it("askOn() gives a line for each question", async () => {
    const input = new PassThrough();
    const shown: string[] = [];
    const output = { write: (text: string) => shown.push(text) };
    const first = askOn(input, output, { question: "one? ", signal });
    input.write("1\n");
    expect(await first).toBe("1");
    const second = askOn(input, output, { question: "two? ", signal });
    input.write("2\r\n");
    expect([await second, shown]).toEqual(["2", ["one? ", "two? "]]);
  });

  it("askOn() ends when the input does, and when it is stopped", async () => {
    const output = { write: () => true };
    const ended = new PassThrough();
    ended.end();
    await expect(askOn(ended, output, { question: "?", signal })).rejects.toMatchObject({ code: "usage" });
    const stop = new AbortController();
    const waiting = askOn(new PassThrough(), output, { question: "?", signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});
