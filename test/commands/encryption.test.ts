/** Encrypted backups on the fake Milvus and directories: who can read what of them, and who cannot. */
import { appendFile, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { runCommand } from "../support/run-command.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";
import type { TwoTargets } from "../support/two-targets.ts";
import { reportOf } from "../support/workspace.ts";

interface Encrypted extends AsyncDisposable {
  readonly place: TwoTargets;
  readonly backup: string;
  readonly identity: string;
}

async function takeEncrypted(): Promise<Encrypted> {
  const { identity, recipient } = await makeDataKey();
  const place = await openTwoTargets({ encryption: { recipients: [recipient] } });
  await writeFile(join(place.path, "key.txt"), `# public key: ${recipient}\n${identity}\n`);
  await writeFile(join(place.path, "other.txt"), (await makeDataKey()).identity);
  const report = await takeNightly(place);
  expect([report.state, report.exitStatus], report.summary).toEqual(["complete", 0]);
  return { place, backup: report.backup ?? "", identity, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

async function filesOf(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe("an encrypted backup", () => {
  it("run leaves no name, schema or key in either target, and prints no key; list needs no identity", async () => {
    await using taken = await takeEncrypted();
    const { place, backup, identity } = taken;
    for (const target of ["nas", "offsite"]) {
      const files = await filesOf(join(place.path, target));
      expect(files.length).toBeGreaterThan(8);
      for (const file of files) {
        const bytes = await readFile(file, "latin1");
        expect(bytes.includes("shop") || bytes.includes("AGE-SECRET-KEY"), file).toBe(false);
      }
    }
    const { stdout, status } = await place.run("list", "--target", "nas", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      [{ name: backup, state: "complete", isEncrypted: true, policy: "nightly", source: "prod", collections: 2 }],
    ]);
    expect(stdout).not.toContain(identity);
  });

  it("a partial one keeps its key: what is whole in it is verified and can be restored", async () => {
    const { identity, recipient } = await makeDataKey();
    const select = { include: ["shop.*", "shop.gone"] };
    await using place = await openTwoTargets({ encryption: { recipients: [recipient] }, select });
    await writeFile(join(place.path, "key.txt"), identity);
    const taken = await takeNightly(place);
    expect([taken.state, taken.exitStatus], taken.summary).toEqual(["partial", 3]);
    for (const target of ["nas", "offsite/copies"]) {
      const verify = ["verify", taken.backup ?? "", "--target", target, "--identity", "key.txt", "--json"] as const;
      const verified = reportOf(await place.run(...verify));
      expect([verified.exitStatus, verified.state], verified.summary).toEqual([0, "complete"]);
    }
  });

  it("get, verify and restore open it with the identity, from every target", async () => {
    await using taken = await takeEncrypted();
    const { place, backup } = taken;
    for (const target of ["nas", "offsite/copies"]) {
      const shown = await place.run(
        "get",
        backup,
        "--target",
        target,
        "--identity",
        "other.txt",
        "--identity",
        "key.txt",
      );
      expect([shown.status, shown.stdout], shown.stderr).toEqual([0, expect.stringContaining("shop.a")]);
      const plan = await place.run(
        "restore",
        backup,
        "--target",
        target,
        "--suffix",
        "_2",
        "--dry-run",
        "--identity",
        "key.txt",
        "--json",
      );
      expect(JSON.parse(plan.stdout), plan.stderr).toMatchObject({ steps: [{ files: "copied" }, { files: "copied" }] });
      const verified = reportOf(
        await place.run("verify", backup, "--target", target, "--identity", "key.txt", "--json"),
      );
      expect([verified.exitStatus, verified.state], verified.summary).toEqual([0, "complete"]);
    }
    const policy = await place.run("get", backup, "--policy", "--identity", "key.txt");
    expect(policy.stdout).toContain("recipients:");
  });

  it("get, restore and verify without a right identity are denied, and say what is missing", async () => {
    await using taken = await takeEncrypted();
    const { place, backup } = taken;
    for (const identity of [[], ["--identity", "other.txt"], ["--identity", "missing.txt"]]) {
      for (const command of ["get", "restore", "verify", "drill"]) {
        if (command === "verify" && identity.length === 0) continue; // it looks at what is in the clear
        const { status, stderr, stdout } = await place.run(command, backup, "--target", "nas", ...identity);
        expect([status, stdout + stderr]).toEqual([12, expect.stringMatching(/identit|recipients/)]);
      }
    }
  });

  it("restore names the object that was changed, and is damaged", async () => {
    await using taken = await takeEncrypted();
    const { place, backup } = taken;
    const files = await filesOf(join(place.path, "nas", backup));
    const file = files.find((name) => name.endsWith("full_meta.json")) ?? "";
    const handle = await open(file, "r+");
    await handle.write(Buffer.from([255, 254, 253]), 0, 3, 190);
    await handle.close();
    const { status, stderr } = await place.run(
      "restore",
      backup,
      "--target",
      "nas",
      "--identity",
      "key.txt",
      "--dry-run",
    );
    expect([status, stderr]).toEqual([4, expect.stringContaining("full_meta.json")]);
  });

  it("restore finds a stored object that has another length", async () => {
    await using taken = await takeEncrypted();
    const { place, backup } = taken;
    const [file = ""] = await filesOf(join(place.path, "nas", backup, "binlogs"));
    await appendFile(file, "x");
    const { status } = await place.run(
      "restore",
      backup,
      "--target",
      "nas",
      "--identity",
      "key.txt",
      "--suffix",
      "_2",
      "--dry-run",
    );
    expect(status).toBe(4);
  });

  it("rewrap gives the key to others: the old identity opens it no more, the new one does", async () => {
    await using taken = await takeEncrypted();
    const { place, backup } = taken;
    const next = await makeDataKey();
    await writeFile(join(place.path, "next.txt"), next.identity);
    const how = ["--target", "nas", "--recipient", next.recipient];
    expect((await place.run("rewrap", backup, ...how)).status).toBe(12);
    const done = await place.run("rewrap", backup, ...how, "--identity", "key.txt");
    expect([done.status, done.stdout], done.stderr).toEqual([0, expect.stringContaining(next.recipient)]);
    const get = async (identity: string): Promise<number> =>
      (await place.run("get", backup, "--target", "nas", "--identity", identity)).status;
    expect([await get("key.txt"), await get("next.txt")]).toEqual([12, 0]);
  });

  it("MILVUS_BACKUP_IDENTITY opens it, and no identity is ever printed", async () => {
    await using taken = await takeEncrypted();
    const { place, backup, identity } = taken;
    const run = (key: string, ...words: readonly string[]) =>
      runCommand(
        { cwd: place.path, env: { SECRET: "s", MILVUS_BACKUP_IDENTITY: key } },
        "get",
        backup,
        "--target",
        "nas",
        ...words,
      );
    expect((await run(identity)).status).toBe(0);
    const broken = `${identity.slice(0, -1)}!`;
    const denied = await run(broken);
    const said = await place.run("create", "--target", "nas", "--encrypt-to", identity);
    expect([denied.status, said.status]).toEqual([12, 2]);
    for (const { stdout, stderr } of [denied, said]) expect(stdout + stderr).not.toContain(identity.slice(20, -2));
  });
});
