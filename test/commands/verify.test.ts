/** verify on the fake Milvus and directories: what it prints, keeps and heals. */
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupEntry } from "../../src/catalog/entry.ts";
import { openPolicyPlace } from "../support/policy-place.ts";
import type { PolicyPlace } from "../support/policy-place.ts";
import { reportOf } from "../support/workspace.ts";

const OBJECT = "binlogs/insert_log/200/201/250/250/100/1";

const FOLDERS = ["data", "nas", "offsite"];
let shared: PolicyPlace;
let backup: string;

beforeAll(async () => {
  shared = await openPolicyPlace();
  const report = reportOf(await shared.run("run", "nightly", "--json"));
  expect(report.state).toBe("complete");
  backup = report.backup;
  for (const name of FOLDERS)
    await cp(join(shared.path, name), join(shared.path, `${name}-as-it-was`), { recursive: true });
});

afterAll(() => shared[Symbol.asyncDispose]());

/** The place where nas and offsite have the policy's first backup, as it was then. */
async function openBackedUp(): Promise<PolicyPlace> {
  for (const name of FOLDERS) {
    await rm(join(shared.path, name), { recursive: true, force: true });
    await cp(join(shared.path, `${name}-as-it-was`), join(shared.path, name), { recursive: true });
  }
  return shared;
}

async function list(place: PolicyPlace): Promise<readonly (BackupEntry & { readonly target: string })[]> {
  return JSON.parse((await place.run("list", "--json")).stdout) as (BackupEntry & { target: string })[];
}

/** The first byte is another one; the size stays. */
async function rot(place: PolicyPlace, target: string): Promise<void> {
  const file = join(place.path, target, backup, OBJECT);
  const bytes = await readFile(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe("verify", () => {
  it("verify looks at every target that has the backup, and list and get show it", async () => {
    const place = await openBackedUp();
    const report = reportOf(await place.run("verify", backup, "--json"));
    expect(report).toMatchObject({ action: "verify", state: "complete", exitStatus: 0, collections: [] });
    expect(report.checks?.map(({ target, verdict, objects }) => [target, verdict, objects])).toEqual([
      ["nas", "ok", 16],
      ["offsite", "ok", 16],
    ]);
    expect((await list(place)).map(({ target, verified }) => [target, verified?.level])).toEqual([
      ["nas", "checksum"],
      ["offsite", "checksum"],
    ]);
    expect((await place.run("list")).stdout).toMatch(/checksum \d{4}-\d\d-\d\d/);
    expect((await place.run("get", backup)).stdout).toMatch(/verified {4}checksum, \d{4}-\d\d-\d\dT/);
  });

  it("verify of one level in one target leaves the rest alone", async () => {
    const place = await openBackedUp();
    const { status, stdout } = await place.run("verify", backup, "--level", "objects", "--target", "offsite");
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(`${backup} is right in offsite (objects): 16 objects`),
    ]);
    expect((await list(place)).map(({ verified }) => verified?.level)).toEqual([undefined, "objects"]);
  });

  it("verify names damage, exits with 4, and the verdict stays until the same is passed", async () => {
    const place = await openBackedUp();
    await rot(place, "nas");
    const report = reportOf(await place.run("verify", backup, "--target", "nas", "--json"));
    expect([report.exitStatus, report.state, report.errors]).toEqual([4, "failed", []]);
    expect(report.checks?.[0]?.damage).toEqual([
      {
        kind: "changed",
        collection: { database: "shop", name: "a" },
        partition: "201",
        segment: "250",
        key: OBJECT,
        expected: expect.stringMatching(/^[0-9a-f]{64}$/),
        found: expect.stringMatching(/^[0-9a-f]{64}$/),
        message: "its bytes are not those that were backed up",
      },
    ]);
    expect((await place.run("verify", backup, "--level", "objects", "--target", "nas")).status).toBe(0);
    expect((await list(place))[0]?.damaged).toMatch(/^the checksum check of .* found damage$/);
    expect((await place.run("list")).stdout).toContain("DAMAGED");
    const text = await place.run("verify", backup, "--target", "nas");
    expect(text.stdout).toContain(`nas: shop.a, segment 250, ${OBJECT}: its bytes are not those that were backed up`);
  });

  it("verify --repair heals from another target, and the backup is verified then", async () => {
    const place = await openBackedUp();
    await rot(place, "nas");
    await rm(join(place.path, "nas", backup, "binlogs/insert_log/200/202"), { recursive: true });
    await rm(join(place.path, "data"), { recursive: true });
    const report = reportOf(await place.run("verify", backup, "--target", "nas", "--repair", "--json"));
    expect([report.exitStatus, report.checks?.[0]?.damageFound]).toEqual([0, 5]);
    expect(report.checks?.[0]?.damage.map(({ healedFrom }) => healedFrom)).toEqual(Array(5).fill("offsite"));
    expect(reportOf(await place.run("verify", backup, "--json")).checks?.map(({ damageFound }) => damageFound)).toEqual(
      [0, 0],
    );
    expect((await list(place)).map(({ damaged }) => damaged)).toEqual([undefined, undefined]);
  });

  it("verify --repair heals from the source where no target has it any more", async () => {
    const place = await openBackedUp();
    await rot(place, "nas");
    await rot(place, "offsite");
    const report = reportOf(await place.run("verify", backup, "--repair", "--json"));
    expect(report.exitStatus).toBe(0);
    expect(report.checks?.map(({ damage }) => damage[0]?.healedFrom)).toEqual(["the source prod", "nas"]);
  });

  it("verify --repair names what nobody has any more", async () => {
    const place = await openBackedUp();
    for (const target of ["nas", "offsite"]) await rot(place, target);
    await rm(join(place.path, "data"), { recursive: true });
    const report = reportOf(await place.run("verify", backup, "--repair", "--json"));
    expect([report.exitStatus, report.checks?.map(({ damage }) => damage[0]?.healedFrom)]).toEqual([
      4,
      [undefined, undefined],
    ]);
  });

  it("verify --part reads its share, and after all parts every object was read", async () => {
    const place = await openBackedUp();
    const objects: number[] = [];
    for (const part of ["1/3", "2/3", "3/3"]) {
      const { checks } = reportOf(await place.run("verify", backup, "--target", "nas", "--part", part, "--json"));
      objects.push(checks?.[0]?.objects ?? 0);
    }
    expect(objects.reduce((sum, count) => sum + count)).toBe(16);
    expect((await list(place))[0]?.verified?.level).toBe("checksum");
  });

  it.each([
    [["--part", "4/3"], 2, "Cannot check the part 4/3"],
    [["--part", "1/3", "--level", "objects"], 2, "Cannot check a part at the level objects"],
  ])("verify refuses %s", async (args, status, message) => {
    const place = await openBackedUp();
    expect(await place.run("verify", "b1", ...args)).toMatchObject({
      status,
      stderr: expect.stringContaining(message),
    });
  });

  it("verify of what is not there is exit status 10, and of what never was a backup 15", async () => {
    const place = await openBackedUp();
    expect((await place.run("verify", "nothing")).status).toBe(10);
    await rm(join(place.path, "nas", backup, "meta"), { recursive: true });
    const { status, stdout } = await place.run("verify", backup, "--target", "nas");
    expect([status, stdout]).toEqual([15, expect.stringContaining("it has no meta files, so that it is no backup")]);
  });

  it("verify of a target that cannot be read is no damage", async () => {
    const place = await openBackedUp();
    await rm(join(place.path, "nas"), { recursive: true });
    await writeFile(join(place.path, "nas"), "");
    const { status } = await place.run("verify", backup, "--target", "nas");
    expect(status).toBeGreaterThan(0);
    expect(status).not.toBe(4);
  });

  it("verify leaves nothing but its result in the target", async () => {
    const place = await openBackedUp();
    await place.run("verify", backup);
    const checks = await readdir(join(place.path, "nas/.milvus-backup"), { recursive: true });
    expect(checks.filter((name) => /\.(ok|damaged)$/.test(name))).toHaveLength(1);
    expect(checks.filter((name) => name.startsWith("locks/s/"))).toEqual([]);
  });
});
