import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { createConfigFolder, minimalPolicy } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { manifestOf } from "../support/manifests.ts";
import { runCommand } from "../support/run-command.ts";
import { keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";

/** A Milvus that nobody hears, and a target in the folder itself. */
const CONFIG = {
  version: 1,
  sources: { prod: { address: "127.0.0.1:1", storage: "data" } },
  storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
  policies: { nightly: minimalPolicy },
};

/** With a backup of each release of the Go tool, one of ours, and one that was interrupted. */
async function openFolder(config: object = CONFIG): Promise<ConfigFolder> {
  const folder = await createConfigFolder({ "milvus-backup.config.json": config });
  await mkdir(join(folder.path, "nas"));
  await using storage = await openLocal(join(folder.path, "nas"), false);
  for (const release of GOLDEN_RELEASES) await writeGolden(storage, release, `go_${release.replaceAll(/\W/g, "_")}`);
  for (const [name, state] of [
    ["ours", "complete"],
    ["stopped", "interrupted"],
  ] as const) {
    const manifest = manifestOf(name, { state, collections: [], policy: { name: "nightly", digest: "d" } });
    await storage.write(`${name}/${MANIFEST_KEY}`, bytesBody(encodeManifest(manifest)));
  }
  const head = '{"id":"1","name":"ours","size":0,"milvus_version":"v2.3.5"';
  await storage.write(`ours/${META_KEYS.full}`, bytesBody(`${head},"collection_backups":[]}`));
  await storage.write(`ours/${META_KEYS.backup}`, bytesBody(`${head}}`));
  return folder;
}

/** For tests that change nothing in it. */
let shared: ConfigFolder;
beforeAll(async () => {
  shared = await openFolder();
});
afterAll(() => shared[Symbol.asyncDispose]());

const at = (folder: ConfigFolder) => ({ cwd: folder.path });

it("get --policy says that a backup without a policy has none", async () => {
  const { status, stdout, stderr } = await runCommand(at(shared), "get", "go_v0_5_16", "--policy");
  expect([status, stdout]).toEqual([10, ""]);
  expect(stderr).toContain("The backup go_v0_5_16 does not hold a policy");
});

describe("milvus-backup list", () => {
  it("list --json prints an array of the backups, ours and the Go tool's", async () => {
    const { status, stdout } = await runCommand(at(shared), "list", "--json");
    const entries = JSON.parse(stdout) as readonly Record<string, unknown>[];
    expect(status).toBe(0);
    expect(entries.map(({ name, state, madeBy, collections }) => [name, state, madeBy, collections])).toEqual(
      [
        ["ours", "complete", "milvus-backup-ts", 0],
        ["stopped", "interrupted", "milvus-backup-ts", 0],
        ["go_v0_5_16", "complete", "go", 5],
        ["go_v0_4_15", "complete", "go", 5],
      ].toSorted(
        ([a], [b]) => entries.findIndex(({ name }) => name === a) - entries.findIndex(({ name }) => name === b),
      ),
    );
    for (const key of ["name", "state", "startedAt", "bytes", "collections", "madeBy"])
      expect(Object.keys(entries[0] ?? {})).toContain(key);
  });

  it("list shows a line per backup under a title", async () => {
    const lines = (await runCommand(at(shared), "list")).stdout.split("\n");
    expect([lines.length, lines[0]]).toEqual([5, expect.stringMatching(/^NAME +STATE +STARTED +COLLECTIONS +BYTES/)]);
  });

  it("list --target works without a config", async () => {
    const { status, stdout } = await runCommand({ cwd: "/" }, "list", "--target", join(shared.path, "nas"), "--json");
    expect([status, (JSON.parse(stdout) as readonly unknown[]).length]).toEqual([0, 4]);
  });

  it("list of an empty target says so", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": CONFIG });
    expect(await runCommand(at(folder), "list")).toMatchObject({ status: 0, stdout: "There is no backup" });
    expect(await runCommand(at(folder), "list", "--json")).toMatchObject({ status: 0, stdout: "[]" });
  });
});

describe("milvus-backup get", () => {
  it("get --json prints one document with every segment", async () => {
    const { status, stdout } = await runCommand(at(shared), "get", "go_v0_5_16", "--json");
    const found = JSON.parse(stdout) as { readonly state: string; readonly collections: readonly object[] };
    expect([status, found.state, found.collections.length]).toEqual([0, "complete", 5]);
    expect(JSON.stringify(found)).toContain("segment_backups");
  });

  it("get shows a table of the collections", async () => {
    const { status, stdout } = await runCommand(at(shared), "get", "go_v0_4_15");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/default\.book +2,000/)]);
  });

  it.each([
    ["go_v0_5_61", 10, 'did you mean "go_v0_5_16"?'],
    ["../nas", 2, "cannot be a backup's name"],
  ])("get %s ends with %i", async (name, status, message) => {
    const result = await runCommand(at(shared), "get", name);
    expect([result.status, result.stdout, result.stderr]).toEqual([status, "", expect.stringContaining(message)]);
  });
});

describe("milvus-backup delete", () => {
  it("delete without --yes deletes nothing, and says what it would", async () => {
    await using folder = await openFolder();
    const { status, stdout, stderr } = await runCommand(at(folder), "delete", "ours");
    expect([status, stdout, stderr]).toEqual([
      15,
      expect.stringContaining("delete-backup"),
      expect.stringContaining("say --yes"),
    ]);
    expect((await runCommand(at(folder), "list")).stdout).toContain("ours");
  });

  it.each(["ours", "stopped", "go_v0_4_15"])("delete %s --yes removes it and nothing else, on record", async (name) => {
    await using folder = await openFolder();
    await using storage = await openLocal(join(folder.path, "nas"), false);
    const others = (await keysOf(storage)).filter((key) => !key.startsWith(`${name}/`));
    expect((await runCommand(at(folder), "delete", name, "--yes")).status).toBe(0);
    const lock = ".milvus-backup/locks/x/1"; // given back; its number is not used again
    const record = expect.stringMatching(`^.milvus-backup/history/deletions/\\d+T\\d+Z_${name}.json$`) as string;
    expect(withoutRecords(await keysOf(storage))).toEqual([record, lock, ...others]);
    expect((await runCommand(at(folder), "delete", name, "--yes")).status).toBe(10);
  });
});

describe.concurrent("milvus-backup without what it needs", () => {
  it.each([
    [["validate"]],
    [["run", "nightly"]],
    [["plan", "nightly"]],
    [["list"]],
    [["get", "b1"]],
    [["delete", "b1"]],
    [["check"]],
  ])("%j without a config ends with 10 and says where it was looked for", async ([name = "", ...args]) => {
    await using folder = await createConfigFolder({});
    const result = await runCommand(at(folder), name, ...args);
    expect([result.status, result.stdout, result.stderr]).toEqual([10, "", expect.stringContaining(folder.path)]);
  });

  it.each([[["validate"]], [["run", "nightly"]], [["plan", "nightly"]], [["list"]], [["create"]], [["check"]]])(
    "%j with a wrong config ends with 13, the place of each fault, and nothing on stdout",
    async ([name = "", ...args]) => {
      const faulty = { ...CONFIG, sources: { prod: { adress: "x", storage: "dta" } } };
      await using folder = await createConfigFolder({ "milvus-backup.config.json": faulty });
      const result = await runCommand(at(folder), name, ...args);
      expect([result.status, result.stdout]).toEqual([13, ""]);
      expect(result.stderr).toContain("adress");
      expect(result.stderr).toContain("dta");
    },
  );

  it.each([
    [["run", "nihgtly"], 10, 'did you mean "nightly"?'],
    [["plan", "weekly"], 10, "there is nightly"],
    [["check", "weekly"], 10, "there is nightly"],
    [["list", "--target", "nass"], 10, 'did you mean "nas"?'],
    [["config schema", "source"], 2, "say config or policy"],
    [["create", "--name", "a-b"], 2, "cannot be a backup's name"],
    [["create", "--consistency", "strong"], 2, "flush, skip-flush, meta-only"],
    [["create", "--include", "shop.a,shop.b"], 2, "a pattern"],
    [["create", "--exclude", "shop."], 2, "a pattern"],
    [["restore", "ours", "--collections", "a.b.c"], 2, "a pattern"],
    [["restore", "ours", "--on-conflict", "overwrite"], 2, "fail, skip, replace, append"],
    [["restore", "ours", "--index", "some"], 2, "same, auto, none"],
    [["restore", "ours", "--aliases", "some"], 2, "kept, all, none"],
    [["restore", "nothing"], 10, "There is no backup nothing"],
    [["restore", "stopped"], 15, "it was never committed"],
  ] as const)("%j ends with %i", async ([name, ...args], status, message) => {
    const result = await runCommand(at(shared), name, ...args);
    expect([result.status, result.stdout, result.stderr]).toEqual([status, "", expect.stringContaining(message)]);
  });

  it.each([[["run", "nightly"]], [["plan", "nightly"]], [["restore", "ours"]], [["create", "-n", "b1"]]] as const)(
    "%j with a Milvus that nobody hears ends with 14, and writes nothing",
    async ([name, ...args]) => {
      await using folder = await openFolder();
      await using storage = await openLocal(join(folder.path, "nas"), false);
      const before = await keysOf(storage);
      const result = await runCommand(at(folder), name, ...args);
      expect([result.status, result.stdout, result.stderr]).toEqual([14, "", expect.stringContaining("127.0.0.1:1")]);
      expect(await keysOf(storage)).toEqual(before);
    },
    40_000,
  );

  it("check looks at the target although Milvus is away, and ends with 14", async () => {
    await using folder = await openFolder();
    const { status, stdout } = await runCommand(at(folder), "check", "--json");
    const findings = JSON.parse(stdout) as readonly { readonly subject: string; readonly status: string }[];
    expect(status).toBe(14);
    expect(findings.map((one) => [one.subject, one.status])).toEqual([
      ["source prod", "failed"],
      ...findings.slice(1).map(() => ["target nas", "ok"]),
    ]);
    expect(findings.length).toBeGreaterThan(3);
  }, 40_000);

  it("validate names what is in the config", async () => {
    const { status, stdout } = await runCommand(at(shared), "validate", "--json");
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ policies: ["nightly"], sources: ["prod"], storages: ["data", "nas"] }),
    ]);
  });
});

describe.concurrent("validate --online", () => {
  it("validate --online looks at every source and target, says what check says, and ends with the worst", async () => {
    const config = { ...CONFIG, sources: { ...CONFIG.sources, unused: { address: "127.0.0.1:2", storage: "data" } } };
    await using folder = await openFolder(config);
    const [text, asJson] = await Promise.all([
      runCommand(at(folder), "validate", "--online"),
      runCommand(at(folder), "validate", "--online", "--json"),
    ]);
    expect([text.status, text.stderr]).toEqual([14, ""]);
    expect(text.stdout).toMatch(
      /is valid; its policies: nightly\n\nSTATUS +OF +CHECK +FOUND\nfailed +source prod +reach /,
    );
    const json = JSON.parse(asJson.stdout) as {
      readonly policies: readonly string[];
      readonly findings: readonly { readonly subject: string; readonly status: string }[];
    };
    expect(json.policies).toEqual(["nightly"]);
    expect([...new Set(json.findings.map(({ subject, status }) => `${subject} ${status}`))]).toEqual([
      "source prod failed",
      "source unused failed",
      "target nas ok",
    ]);
  }, 60_000);

  it("validate --online of a wrong config looks at nothing", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": { ...CONFIG, version: 2 } });
    const { status, stdout } = await runCommand(at(folder), "validate", "--online");
    expect([status, stdout]).toEqual([13, ""]);
  });
});

describe.concurrent("--env", () => {
  const FILES = {
    "milvus-backup.config.json": CONFIG,
    "milvus-backup.config.prod.yaml":
      "policies: { archive: { source: prod, targets: [{ storage: nas, prefix: a }] } }\n",
  };

  it.each([
    [["--env", "prod"], {}, ["nightly", "archive"]],
    [[], { MILVUS_BACKUP_ENV: "prod" }, ["nightly", "archive"]],
    [[], { MILVUS_BACKUP_ENV: "" }, ["nightly"]],
    [["--env", "prod"], { MILVUS_BACKUP_ENV: "staging" }, ["nightly", "archive"]],
  ])("validate %j in the environment %j has the policies %j", async (args, env, policies) => {
    await using folder = await createConfigFolder(FILES);
    const { stdout } = await runCommand({ cwd: folder.path, env }, "validate", "--json", ...args);
    expect(JSON.parse(stdout)).toMatchObject({ policies });
  });

  it.each([
    ["run", "nightly"],
    ["plan", "nightly"],
    ["create"],
    ["list"],
    ["get", "b1"],
    ["delete", "b1"],
    ["restore", "b1"],
    ["check"],
    ["validate"],
  ])("%s with an environment that is not there ends with 13, whatever else is given", async (name, ...args) => {
    await using folder = await createConfigFolder(FILES);
    const place = ["create", "list", "get", "delete", "restore", "check"].includes(name) ? ["--target", "./nas"] : [];
    const given = await runCommand({ cwd: folder.path }, name, ...args, ...place, "--env", "prd");
    const inherited = await runCommand(
      { cwd: folder.path, env: { MILVUS_BACKUP_ENV: "prd" } },
      name,
      ...args,
      ...place,
    );
    const message = 'error: There is no environment "prd", did you mean "prod"?\nhint: there is prod';
    expect([given.status, given.stderr, inherited.status, inherited.stderr]).toEqual([13, message, 13, message]);
  });

  it("list with an environment, a target and no config ends with 10", async () => {
    await using folder = await createConfigFolder({});
    const { status, stderr } = await runCommand({ cwd: folder.path }, "list", "--target", "./nas", "--env", "prod");
    expect([status, stderr]).toEqual([10, expect.stringContaining("There is no milvus-backup.config")]);
  });
});

describe.concurrent("which source and target are meant", () => {
  const two = {
    ...CONFIG,
    sources: { ...CONFIG.sources, other: { address: "127.0.0.1:2", storage: "data" } },
    policies: { nightly: minimalPolicy, weekly: { source: "prod", targets: [{ storage: "nas", prefix: "weekly" }] } },
  };

  it.each([
    [["create"], 2, "say --source with one of prod, other"],
    [["create", "--source", "prod"], 2, "say --target with one of nas, nas"],
    [["create", "--source", "127.0.0.1:3", "--target", "nas"], 2, "say --source-storage PLACE"],
    [["create", "--source", "prdo", "--target", "nas"], 10, 'did you mean "prod"?'],
    [["create", "--source", "other", "--target", "nas"], 14, "127.0.0.1:2"],
    [["create", "--source", "127.0.0.1:3", "--source-storage", "data", "--target", "./nas"], 14, "127.0.0.1:3"],
  ] as const)(
    "%j ends with %i: %s",
    async ([name, ...args], status, message) => {
      await using folder = await createConfigFolder({ "milvus-backup.config.json": two });
      const result = await runCommand(at(folder), name, ...args);
      expect([result.status, result.stderr]).toEqual([status, expect.stringContaining(message)]);
    },
    40_000,
  );

  it("MILVUS_ADDRESS stands in for a source where there is no config", async () => {
    await using folder = await createConfigFolder({});
    const place = { cwd: folder.path, env: { MILVUS_ADDRESS: "127.0.0.1:4" } };
    const result = await runCommand(place, "create", "--source-storage", "./data", "--target", "./nas");
    expect([result.status, result.stderr]).toEqual([14, expect.stringContaining("127.0.0.1:4")]);
  }, 40_000);

  it("list looks into every target that policies have", async () => {
    await using folder = await openFolder(two);
    await using storage = await openLocal(join(folder.path, "nas", "weekly"), false);
    await writeGolden(storage, "v0.4.15", "w1");
    const { stdout } = await runCommand(at(folder), "list", "--json");
    const found = JSON.parse(stdout) as readonly { readonly name: string; readonly target: string }[];
    expect(
      found.filter(({ name }) => name === "w1" || name === "ours").map(({ name, target }) => [name, target]),
    ).toEqual([
      ["ours", "nas"],
      ["w1", "nas/weekly"],
    ]);
  });

  it("get of a name that two backups have asks which is meant", async () => {
    await using folder = await openFolder(two);
    await using storage = await openLocal(join(folder.path, "nas", "weekly"), false);
    await writeGolden(storage, "v0.5.16", "go_v0_4_15");
    const result = await runCommand(at(folder), "get", "go_v0_4_15");
    expect([result.status, result.stderr]).toEqual([2, expect.stringContaining("is in 2 targets")]);
  });
});
