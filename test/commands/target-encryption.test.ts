/** Targets that are encrypted to others than each other, on the fake Milvus and directories. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { Plan } from "../../src/core/plan.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { openPolicyPlace } from "../support/policy-place.ts";
import type { PolicyPlace } from "../support/policy-place.ts";
import { reportOf } from "../support/workspace.ts";

const [own, other] = [await makeDataKey(), await makeDataKey()];
const TO_OWN = { recipients: [own.recipient] };
const TO_OTHER = { recipients: [other.recipient] };

async function openPlace(policy: Partial<PolicyConfig>): Promise<PolicyPlace> {
  const place = await openPolicyPlace(policy);
  await writeFile(join(place.path, "own.txt"), own.identity);
  await writeFile(join(place.path, "other.txt"), other.identity);
  return place;
}

const run = async (place: PolicyPlace) => reportOf(await place.run("run", "nightly", "--json"));

/** The exit status of a check of every byte that opens all, with this identity. */
async function verify(place: PolicyPlace, { backup, target, key }: Readonly<Record<string, string>>): Promise<number> {
  const identity = key === undefined ? [] : ["--identity", `${key}.txt`];
  return (await place.run("verify", backup ?? "", "--target", target ?? "", ...identity)).status;
}

async function bytesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length), await readFile(path, "latin1")] as const)),
  );
}

describe("a policy with a target in the clear and one that is encrypted", () => {
  it("run encrypts the copy, which restores with the identity, and says in which target", async () => {
    await using place = await openPlace({
      targets: [{ storage: "nas" }, { storage: "offsite", encryption: TO_OTHER }],
    });
    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect(plan.steps.at(-1)?.why).toMatch(/; copied from nas once it is committed there; encrypted to 1 recipient; /);
    const { backup, exitStatus, warnings } = await run(place);
    expect([exitStatus, warnings]).toEqual([0, [expect.stringMatching(/^encrypted in offsite: /)]]);
    expect(await verify(place, { backup, target: "nas" })).toBe(0);
    expect(await verify(place, { backup, target: "offsite", key: "other" })).toBe(0);
    expect(await verify(place, { backup, target: "offsite", key: "own" })).toBe(12);
    const stored = [...(await bytesOf(join(place.path, "offsite", backup))).values()].join("");
    expect([stored.includes("shop"), stored.includes("SECRET-KEY")]).toEqual([false, false]);
    const again = reportOf(await place.run("copy", backup, "--from", "nas", "--to", "offsite", "--json"));
    expect([again.exitStatus, again.targets], again.summary).toMatchObject([
      0,
      [{ name: "offsite", state: "complete" }],
    ]);
  });

  it("copy follows the policy of the backup, and goes on where it was stopped with a new key", async () => {
    await using place = await openPlace({
      targets: [{ storage: "nas" }, { storage: "offsite", encryption: TO_OTHER }],
    });
    const { backup } = await run(place);
    const folder = join(place.path, "offsite", backup);
    await rm(join(folder, "meta/backup_meta.json"));
    await rm(join(folder, "meta/full_meta.json"));
    const copied = await place.run("copy", backup, "--from", "nas", "--to", "offsite");
    expect(copied.status, copied.stderr).toBe(0);
    expect(await verify(place, { backup, target: "offsite", key: "other" })).toBe(0);
  });
});

describe("a policy with two targets that are encrypted to different recipients", () => {
  it("run gives each its own: the bytes are the same, the key is not", async () => {
    await using place = await openPlace({
      encryption: TO_OWN,
      targets: [{ storage: "nas" }, { storage: "offsite", encryption: TO_OTHER }],
    });
    const { backup, exitStatus, summary } = await run(place);
    expect(exitStatus, summary).toBe(0);
    const statuses = [];
    for (const target of ["nas", "offsite"]) {
      for (const key of ["own", "other"]) statuses.push(await verify(place, { backup, target, key }));
    }
    expect(statuses).toEqual([0, 12, 12, 0]);
    const [nas, offsite] = [
      await bytesOf(join(place.path, "nas", backup)),
      await bytesOf(join(place.path, "offsite", backup)),
    ];
    const different = [...nas].filter(([file, bytes]) => offsite.get(file) !== bytes).map(([file]) => file);
    expect(different.toSorted()).toEqual(["/meta/key.age", "/meta/manifest.json"]);
  });

  it("copy of an earlier one is refused without an identity, and done with one of the flag or of the config", async () => {
    await using place = await openPlace({ encryption: TO_OWN, targets: [{ storage: "nas" }] });
    const { backup } = await run(place);
    const words = ["copy", backup, "--to", "offsite", "--encrypt-to", other.recipient] as const;
    const refused = await place.run(...words);
    expect([refused.status, refused.stdout]).toEqual([12, expect.stringContaining("it is encrypted to others")]);
    const file = join(place.path, "milvus-backup.config.json");
    const config = JSON.parse(await readFile(file, "utf8")) as object;
    await writeFile(file, JSON.stringify({ ...config, identities: ["own.txt"] }));
    expect((await place.run(...words)).status).toBe(0);
    expect(await verify(place, { backup, target: "nas" })).toBe(0); // opened by the config's identity
    const { stdout } = await place.run("get", backup, "--target", "offsite", "--identity", "other.txt");
    expect(stdout).toContain("shop.a");
    expect((await place.run("config show")).stdout).toContain("identities:\n");
  });

  it("verify reads the identities of the config for what is encrypted only", async () => {
    await using place = await openPlace({ targets: [{ storage: "nas" }] });
    const file = join(place.path, "milvus-backup.config.json");
    const config = JSON.parse(await readFile(file, "utf8")) as object;
    await writeFile(file, JSON.stringify({ ...config, identities: ["missing.txt"] }));
    for (const to of [[], ["--encrypt-to", own.recipient]]) {
      const name = `b${to.length}`;
      expect((await place.run("create", "-n", name, "--target", "nas", ...to)).status).toBe(0);
    }
    expect([
      await verify(place, { backup: "b0", target: "nas" }),
      await verify(place, { backup: "b2", target: "nas" }),
    ]).toEqual([0, 13]);
  });

  it("validate refuses a target in the clear behind one that is encrypted", async () => {
    await using place = await openPlace({
      encryption: TO_OWN,
      targets: [{ storage: "nas" }, { storage: "offsite", encryption: false }],
    });
    const { status, stderr } = await place.run("validate");
    expect([status, stderr]).toEqual([13, expect.stringContaining("copies never decrypt")]);
  });
});
