/** Damage that a check has recorded is healed by the next run of the policy, on the fake Milvus and directories. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import type { Plan } from "../../src/core/plan.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";
import type { TwoTargets } from "../support/two-targets.ts";
import { reportOf } from "../support/workspace.ts";

interface Damaged extends AsyncDisposable {
  readonly place: TwoTargets;
  readonly backup: string;
  /** The object that is damaged in nas. */
  readonly file: string;
  readonly bytes: Buffer;
}

/** A backup in both targets, of which nas has an object with other bytes, as a check has found. */
async function openDamaged(policy: Partial<PolicyConfig> = {}, level = "checksum"): Promise<Damaged> {
  const place = await openTwoTargets(policy);
  const { backup } = await takeNightly(place);
  const root = join(place.path, "nas", backup, "binlogs/insert_log");
  const [first = ""] = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const bytes = await readFile(first);
  await writeFile(first, flipped(bytes));
  expect((await place.run("verify", backup, "--target", "nas", "--level", level)).status).toBe(4);
  return { place, backup, file: first, bytes, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

function flipped(bytes: Buffer): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

async function damagedOf(place: TwoTargets, backup: string): Promise<string | undefined> {
  const { stdout } = await place.run("list", "--target", "nas", "--json");
  const entries = JSON.parse(stdout) as readonly { readonly name: string; readonly damaged?: string }[];
  return entries.find(({ name }) => name === backup)?.damaged;
}

describe("run heals an earlier backup of its policy", () => {
  it("from another target, as its plan says why, before retention decides", async () => {
    await using damaged = await openDamaged({ retention: { keep: { last: 5 }, failedGrace: "0s" } });
    const { place, backup, file, bytes } = damaged;
    const plan = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect(plan.steps.filter(({ kind }) => kind === "check" || kind === "prune")).toMatchObject([
      { backup, target: "nas", level: "checksum", repair: true, why: expect.stringContaining("found damage") },
      { kind: "prune", target: "nas" },
      { kind: "prune", target: "offsite/copies" },
    ]);
    const report = await takeNightly(place);
    expect([report.state, report.exitStatus], report.summary).toEqual(["complete", 0]);
    expect(report.checks).toMatchObject([{ backup, verdict: "ok", damage: [{ healedFrom: "offsite/copies" }] }]);
    expect(report.prunes?.map(({ deleted }) => deleted)).toEqual([[], []]);
    expect(await readFile(file)).toEqual(bytes);
    expect(await damagedOf(place, backup)).toBeUndefined();
    expect((await takeNightly(place)).checks).toBeUndefined();
  });

  it("from the source when no target has it, and writes nothing else", async () => {
    await using damaged = await openDamaged();
    const { place, backup, file, bytes } = damaged;
    await rm(join(place.path, "offsite/copies", backup), { recursive: true });
    const report = await takeNightly(place);
    expect(report.checks).toMatchObject([{ verdict: "ok", damage: [{ healedFrom: "the source prod" }] }]);
    expect(await readFile(file)).toEqual(bytes);
  });

  it("or says that it is still damaged when nobody has the object: the new backup is complete, the exit status 4", async () => {
    await using damaged = await openDamaged();
    const { place, backup, file } = damaged;
    const found = await readFile(file);
    const log = file.slice(file.indexOf("insert_log")).replace(/^(insert_log\/\d+\/\d+\/)\d+\//, "$1");
    await rm(join(place.path, "offsite/copies", backup), { recursive: true });
    await writeFile(join(place.path, "data/files", log), "x".repeat(found.length)); // compacted since, say
    const report = await takeNightly(place);
    expect([report.state, report.exitStatus, report.targets?.map(({ state }) => state)]).toEqual([
      "complete",
      4,
      ["complete", "complete"],
    ]);
    expect(report.checks).toMatchObject([{ backup, verdict: "damaged", damageFound: 1 }]);
    expect([await readFile(file), await damagedOf(place, backup)]).toEqual([found, expect.any(String)]);
    const next = await takeNightly(place);
    expect([next.exitStatus, next.checks]).toEqual([0, undefined]); // it is not read again
    expect(next.warnings.join()).toContain(`${backup} is damaged in nas`);
    const inVain = "the source prod does not have it any more";
    expect(next.warnings.join()).toContain(inVain);
    expect((await place.run("status", "nightly")).stdout).toContain(`${backup}: ${inVain}`);
    expect((await place.run("verify", backup, "--target", "nas")).status).toBe(4); // which asks nobody
    const later = JSON.parse((await place.run("plan", "nightly", "--json")).stdout) as Plan;
    expect(later.steps.filter((step) => step.kind === "check" && step.repair)).toEqual([]);
    expect(later.warnings.join()).toContain(inVain);
  });

  it.each([
    ["meta/manifest.json", "failed"],
    ["meta/partition_meta.json", "complete"],
  ])("whose %s is lost, so that it was listed as %s, from another target", async (lost, state) => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const file = join(place.path, "nas", backup, lost);
    const bytes = await readFile(file);
    await (state === "failed" ? writeFile(file, "{") : rm(file));
    expect((await place.run("verify", backup, "--target", "nas", "--level", "metadata")).status).toBe(4);
    const { stdout } = await place.run("list", "--target", "nas", "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ name: backup, state }]);
    const report = await takeNightly(place);
    expect([report.exitStatus, report.checks], report.summary).toMatchObject([
      0,
      [{ backup, verdict: "ok", damage: [{ healedFrom: "offsite/copies" }] }],
    ]);
    expect(await readFile(file)).toEqual(bytes);
  });

  it("that is encrypted without an identity, from a copy of the same bytes", async () => {
    const { recipient } = await makeDataKey();
    await using damaged = await openDamaged({ encryption: { recipients: [recipient] } });
    const { place, backup, file, bytes } = damaged;
    const report = await takeNightly(place);
    expect(report.checks, report.summary).toMatchObject([
      { backup, verdict: "ok", isSealed: true, damage: [{ healedFrom: "offsite/copies" }] },
    ]);
    expect(await readFile(file)).toEqual(bytes);
    expect(await damagedOf(place, backup)).toBeUndefined();
  });

  it("but never one of another policy", async () => {
    await using damaged = await openDamaged();
    const { place, backup, file } = damaged;
    const manifest = join(place.path, "nas", backup, "meta/manifest.json");
    const text = await readFile(manifest, "utf8");
    await writeFile(manifest, text.replace('"name": "nightly"', '"name": "weekly"'));
    const before = await readFile(file);
    const report = await takeNightly(place);
    expect([report.exitStatus, report.checks]).toEqual([0, undefined]);
    expect(await readFile(file)).toEqual(before);
  });
});

describe("verify --repair", () => {
  it("heals an encrypted backup from its copy, and says so in its plan", async () => {
    const { recipient } = await makeDataKey();
    await using damaged = await openDamaged({ encryption: { recipients: [recipient] } });
    const { place, backup, file, bytes } = damaged;
    const words = ["verify", backup, "--target", "nas", "--repair", "--json"] as const;
    const plan = JSON.parse((await place.run(...words, "--dry-run")).stdout) as Plan;
    expect(plan.steps).toMatchObject([{ kind: "check", repair: true }]);
    const report = reportOf(await place.run(...words));
    expect([report.exitStatus, report.checks], report.summary).toMatchObject([
      0,
      [{ damage: [{ healedFrom: "offsite/copies" }] }],
    ]);
    expect(await readFile(file)).toEqual(bytes);
  });
});
