/** Backups that pause Milvus's garbage collection, on the fake Milvus and a fake of its management port. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { listGcPauses } from "../../src/catalog/gc-pauses.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import type { RunReport } from "../../src/core/report.ts";
import { topOf } from "../support/target-records.ts";
import { cliWords } from "../support/cli-words.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { startFakeManagement } from "../support/fake-management.ts";
import type { FakeManagement } from "../support/fake-management.ts";
import { startFakeMilvus } from "../support/fake-milvus.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { runCommand } from "../support/run-command.ts";
import type { CommandResult } from "../support/run-command.ts";
import { reportOf } from "../support/workspace.ts";

interface Given {
  readonly kind?: Parameters<typeof startFakeManagement>[0];
  readonly version?: string;
  /** What the policy says besides. */
  readonly policy?: object;
  /** In place of the fake's URL; null for none. */
  readonly management?: unknown;
}

interface Place extends AsyncDisposable {
  readonly path: string;
  readonly address: string;
  readonly management: FakeManagement;
  readonly env: Record<string, string>;
  readonly run: (...args: readonly [string, ...string[]]) => Promise<CommandResult>;
  readonly nightly: () => Promise<RunReport>;
}

async function openPlace({ kind = "tickets", version = "v2.3.7", policy = {}, ...given }: Given = {}): Promise<Place> {
  const world = await createMilvusWorld(["shop.a"]);
  const fake = await startFakeMilvus(world.handlers, { version });
  const management = await startFakeManagement(kind);
  const { management: told = management.url } = given;
  const folder = await createConfigFolder({
    "milvus-backup.config.yaml": JSON.stringify({
      version: 1,
      sources: { prod: { address: fake.address, storage: "data", ...(told !== null && { management: told }) } },
      storages: {
        data: { type: "local", path: "./data", prefix: "files" },
        nas: { type: "local", path: "./nas" },
      },
      policies: { nightly: { source: "prod", targets: [{ storage: "nas" }], ...policy } },
    }),
  });
  const { path } = folder;
  for (const name of ["data", "nas"]) await mkdir(join(path, name));
  await using data = await openLocal(join(path, "data"), false);
  await world.seed(data);
  const env = { SECRET: "hush-4711", PATH: process.env["PATH"] ?? "" };
  let runs = 0;
  const run: Place["run"] = (name, ...args) => {
    const ahead = 1000 * (runs += 1); // a backup is named after its second
    return runCommand({ cwd: path, env, now: () => new Date(Date.now() + ahead) }, name, ...args);
  };
  return {
    path,
    address: fake.address,
    management,
    env,
    run,
    nightly: async () => reportOf(await run("run", "nightly", "--json")),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([fake, management, folder].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

const pausesOf = ({ management }: Place): readonly string[] =>
  management.requests.filter((path) => path.startsWith("pause?"));

async function gcInManifest({ path }: Place, backup: string): Promise<unknown> {
  await using nas = await openLocal(join(path, "nas"), false);
  return (await readManifest(nas, backup))?.gc;
}

describe("run of a policy that requires a pause", () => {
  it("run pauses, and ends it: plan, manifest and report say so, and a plan alone pauses nothing", async () => {
    await using place = await openPlace({ policy: { gc: "require" } });
    const { stdout } = await place.run("plan", "nightly");
    expect(pausesOf(place)).toEqual([]);
    expect(stdout).toContain("\ngarbage collection (require): paused while it is copied, no file may go between");
    const report = await place.nightly();
    expect([report.state, report.exitStatus, report.warnings]).toEqual(["complete", 0, []]);
    expect(report.gc).toMatchObject({ mode: "require", state: "held", releasedAt: expect.any(String) });
    expect(await gcInManifest(place, report.backup)).toMatchObject({
      mode: "require",
      state: "held",
      until: expect.any(String),
    });
    expect([pausesOf(place).length, [...place.management.pauses]]).toEqual([1, []]);
    expect(await topOf(join(place.path, "nas"))).toEqual([report.backup]);
  });

  it.each([
    ["run", "the server knows no pause", {}, [404, "not found"], /answers 404 to pause$/],
    [
      "plan",
      "the port wants a login",
      {},
      [401, "authentication required"],
      /answers 401 to pause: authentication required$/,
    ],
    [
      "run",
      "the release is too old",
      { version: "v2.3.5" },
      undefined,
      /Milvus v2\.3\.5 cannot pause it; 2\.3\.6 and later can$/,
    ],
    ["plan", "nobody said where to ask", { management: null }, undefined, /the source prod has no management$/],
  ] as const)("%s refuses with 15 when %s, and nothing is written", async (...[command, , given, trouble, reason]) => {
    await using place = await openPlace({ ...given, policy: { gc: "require" } });
    place.management.trouble(() => trouble);
    const { status, stderr } = await place.run(command, "nightly");
    const [error = "", hint = ""] = stderr.split("\n");
    expect([status, error, hint]).toEqual([15, expect.stringMatching(reason), expect.stringMatching(/^hint: /)]);
    expect(error).toMatch(/^error: Garbage collection cannot be paused, which the backup requires: /);
    expect(await topOf(join(place.path, "nas"))).toEqual([]);
  });
});

describe("run of a policy that does not require it", () => {
  it("run takes the backup when it cannot pause, and says so in plan, manifest and report", async () => {
    await using place = await openPlace({ version: "v2.3.5", policy: { gc: "prefer" } });
    const reason = "Milvus v2.3.5 cannot pause it; 2.3.6 and later can";
    expect((await place.run("plan", "nightly")).stdout).toContain(
      `\ngarbage collection (prefer): not paused, ${reason}`,
    );
    const report = await place.nightly();
    expect([report.state, report.exitStatus]).toEqual(["complete", 0]);
    expect(report.warnings).toEqual([`garbage collection is not paused: ${reason}`]);
    const gc = { mode: "prefer", state: "not-paused", reason };
    expect([report.gc, await gcInManifest(place, report.backup)]).toEqual([gc, gc]);
  });

  it("run without gc pauses where the source has management, and is silent where it has none", async () => {
    await using place = await openPlace();
    expect((await place.nightly()).gc).toMatchObject({ mode: "prefer", state: "held" });
    await using other = await openPlace({ management: null });
    const report = await other.nightly();
    expect([report.gc, report.warnings, await gcInManifest(other, report.backup)]).toEqual([undefined, [], undefined]);
  });

  it.each([{ gc: "off" }, { gc: "require", consistency: "meta-only" }])("run of %j asks nothing", async (policy) => {
    await using place = await openPlace({ policy });
    expect([(await place.nightly()).gc, place.management.requests]).toEqual([undefined, []]);
  });
});

describe("the pause", () => {
  it("is ended when a collection's hook fails, and the manifest of a run without a backup has it", async () => {
    const hooks = [{ on: "before", scope: "collection", shell: "exit 3" }];
    await using place = await openPlace({ policy: { gc: "require", hooks } });
    const report = await place.nightly();
    expect([report.state, report.gc?.state, [...place.management.pauses]]).toEqual(["failed", "held", []]);
    expect(await gcInManifest(place, report.backup)).toMatchObject({ state: "held" });
  });

  it("is asked for with the login of the management port, which reaches nothing that is printed or kept", async () => {
    const auth = { username: "root", password: { env: "SECRET" } };
    await using place = await openPlace({ policy: { gc: "require" }, management: undefined });
    const file = join(place.path, "milvus-backup.config.yaml");
    const config = (await readFile(file, "utf8")).replace(
      JSON.stringify(place.management.url),
      JSON.stringify({ url: place.management.url, auth }),
    );
    await writeFile(file, config);
    const { status, stdout, stderr } = await place.run("run", "nightly", "--json");
    expect([status, place.management.authorization()]).toEqual([0, `Basic ${btoa("root:hush-4711")}`]);
    const kept = await readFile(
      join(place.path, "nas", reportOf({ status, stdout, stderr }).backup, "meta/manifest.json"),
      "utf8",
    );
    for (const text of [stdout, stderr, kept]) expect(text).not.toMatch(/hush|aHVzaC/);
    expect((await place.run("config show")).stdout).toContain("env: SECRET");
  });

  it("create --gc asks where MILVUS_MANAGEMENT says, and takes no credentials from there", async () => {
    await using place = await openPlace({ management: null });
    const words = ["--source", place.address, "--source-storage", "data", "--target", "nas"];
    place.env["MILVUS_MANAGEMENT"] = place.management.url;
    const { status, stdout } = await place.run("create", "-n", "b1", "--gc", "require", "--json", ...words);
    expect([status, reportOf({ status, stdout, stderr: "" }).gc?.state]).toEqual([0, "held"]);
    place.env["MILVUS_MANAGEMENT"] = "http://root:pw@localhost:9091";
    expect(await place.run("create", "-n", "b2", ...words)).toMatchObject({
      status: 2,
      stderr: expect.not.stringContaining("pw@"),
    });
    expect((await place.run("create", "-n", "b3", "--gc", "maybe")).status).toBe(2);
  });

  it("of a run that was killed is ended by the next one", async () => {
    await using place = await openPlace({ kind: "tickets", policy: { gc: "require" } });
    const [program = "", ...words] = cliWords("all");
    const child = spawn(program, [...words, "run", "nightly"], { cwd: place.path, stdio: "ignore" });
    const killed = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    place.management.trouble((path) => {
      if (path.startsWith("resume")) child.kill("SIGKILL");
      return path.startsWith("resume") ? "hang" : undefined;
    });
    expect(await killed).toBe("SIGKILL");
    await using nas = await openLocal(join(place.path, "nas"), false);
    expect([[...place.management.pauses.keys()], await listGcPauses(nas)]).toMatchObject([
      ["ticket=1"],
      [{ process: { pid: child.pid } }],
    ]);
    place.management.trouble(undefined);
    expect((await place.nightly()).gc?.state).toBe("held");
    expect([[...place.management.pauses], await listGcPauses(nas)]).toEqual([[], []]);
  });
});
