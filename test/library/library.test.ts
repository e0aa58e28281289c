/** The library where no Milvus is needed: on the backups of the Go tool, and where a call cannot even begin. */
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { callAs } from "../../src/commands/library-caller.ts";
import type { BackupEvent, CallOptions } from "../../src/index.ts";
import { createBackup, deleteBackup, getBackup, listBackups, restoreBackup, runPolicy } from "../../src/index.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";
import { GOLDEN_RELEASES, goldenDirectory } from "../support/golden.ts";
import type { GoldenRelease } from "../support/golden.ts";

const notice: BackupEvent = { at: "2026-11-24T02:00:00.000Z", runId: "r1", type: "notice", message: "" };

function targetOf(release: GoldenRelease): string {
  return fileURLToPath(new URL("..", goldenDirectory(release)));
}

it.each(GOLDEN_RELEASES)("listBackups() lists what the Go tool %s made, without a config", async (release) => {
  const target = targetOf(release);
  expect(await listBackups({ target })).toMatchObject([
    { name: "golden", target: target.replace(/\/$/, ""), state: "complete", madeBy: "go", collections: 5 },
  ]);
});

it("getBackup() gives the collections in short, and with rows the live ones", async () => {
  const target = targetOf("v0.5.16");
  const plain = await getBackup({ backup: "golden", target });
  const counted = await getBackup({ backup: "golden", target, rows: true });
  expect(plain.collections.find(({ name, database }) => name === "book" && database === "default")).toEqual({
    database: "default",
    name: "book",
    rows: 2_000,
    partitions: 3,
    segments: 2,
    bytes: 337_438,
    indexes: [
      { field: "vec", type: "IVF_FLAT" },
      { field: "title", type: "" },
    ],
    aliases: ["book_alias"],
  });
  expect(
    counted.collections.map(({ database, name, rows, deleted, live }) => [`${database}.${name}`, rows, deleted, live]),
  ).toEqual(
    expect.arrayContaining([
      ["default.book", 2_000, 150, 1_850],
      ["default.users", 1_000, 0, 1_000],
      ["default.empty", 0, 0, 0],
    ]),
  );
});

it("deleteBackup() with dryRun says what would go, without it the backup goes, and events tell of it", async () => {
  await using folder = await createConfigFolder({});
  await cp(goldenDirectory("v0.4.15"), join(folder.path, "backups/golden"), { recursive: true });
  const options = { backup: "golden", target: "./backups", cwd: folder.path };
  const plan = await deleteBackup({ ...options, dryRun: true });
  expect(plan.steps).toMatchObject([{ kind: "delete-backup", id: "golden" }]);
  expect(await readdir(join(folder.path, "backups"))).toEqual(["golden"]);
  const events: BackupEvent[] = [];
  const report = await deleteBackup({ ...options, onEvent: (event) => events.push(event) });
  expect(report).toMatchObject({ action: "delete", state: "complete", exitStatus: 0 });
  expect(events.map(({ type }) => type).filter((type) => type !== "step.progress")).toEqual([
    "run.started",
    "plan.made",
    "step.started",
    "backup.deleted",
    "step.finished",
    "run.finished",
  ]);
  expect(await listBackups(options)).toEqual([]);
});

it("calls find the config in cwd, read its variables from env, and touch neither of the process", async () => {
  const storages = { data: { type: "local", path: "/data" }, nas: { type: "local", path: "${PLACE}" } };
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": { ...minimalConfig, storages },
    "policies/nightly.json": { source: "prod", targets: [{ storage: "nas" }] },
  });
  const [{ name, target } = { name: "", target: "" }] = await listBackups({
    cwd: folder.path,
    env: { PLACE: targetOf("v0.5.16") },
  });
  expect({ name, target }).toEqual({ name: "golden", target: "nas" });
});

it.each([
  { call: () => restoreBackup({ backup: "b1", target: "/nowhere", onConflict: "overwrite" as "skip" }), code: "usage" },
  { call: () => createBackup({ backup: "a/b", target: "/nowhere" }), code: "usage" },
  { call: () => createBackup({ consistency: "strong" as "flush", target: "/nowhere" }), code: "usage" },
  { call: () => runPolicy({ policy: "nightly", config: "/nowhere/config.yaml" }), code: "not-found" },
  { call: () => getBackup({ backup: "b1", target: targetOf("v0.5.16") }), code: "not-found" },
  { call: () => listBackups({ target: "/nowhere", signal: AbortSignal.abort() }), code: "interrupted" },
])("a call that cannot begin rejects with a BackupError: $code", async ({ call, code }) => {
  await expect(call()).rejects.toMatchObject({ name: "BackupError", code });
});

/** Every call, on a golden backup and a Milvus that nobody hears. */
const CALLS: readonly { readonly name: string; readonly call: (options: CallOptions) => Promise<unknown> }[] = [
  { name: "runPolicy", call: (options) => runPolicy({ ...options, policy: "nightly" }) },
  { name: "createBackup", call: (options) => createBackup({ ...options, backup: "b1" }) },
  { name: "restoreBackup", call: (options) => restoreBackup({ ...options, backup: "golden" }) },
  { name: "listBackups", call: listBackups },
  { name: "getBackup", call: (options) => getBackup({ ...options, backup: "golden", rows: true }) },
  { name: "deleteBackup", call: (options) => deleteBackup({ ...options, backup: "golden" }) },
];

describe.each(CALLS)("$name()", ({ call }) => {
  const interrupted = { name: "BackupError", code: "interrupted", cause: "enough" };

  it.each(["before it is called", "when it has begun"])(
    "rejects and has done nothing when it is aborted %s",
    async (when) => {
      await using folder = await createConfigFolder({
        "milvus-backup.config.json": {
          ...minimalConfig,
          sources: { prod: { address: "127.0.0.1:1", storage: "data" } },
          storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
        },
        "policies/nightly.json": minimalPolicy,
      });
      await cp(goldenDirectory("v0.5.16"), join(folder.path, "nas/golden"), { recursive: true });
      const before = await readdir(folder.path, { recursive: true });
      const stop = new AbortController();
      if (when === "before it is called") stop.abort("enough");
      const ended = call({ cwd: folder.path, signal: stop.signal });
      stop.abort("enough");
      await expect(ended).rejects.toMatchObject(interrupted);
      expect(await readdir(folder.path, { recursive: true })).toEqual(before);
    },
  );
});

it("deleteBackup() that is aborted in the middle reports it, and can be called again", async () => {
  await using folder = await createConfigFolder({});
  await cp(goldenDirectory("v0.5.16"), join(folder.path, "backups/golden"), { recursive: true });
  const options = { backup: "golden", target: "./backups", cwd: folder.path };
  const stop = new AbortController();
  const onEvent = ({ type }: BackupEvent): void => {
    if (type === "step.started") stop.abort();
  };
  const report = await deleteBackup({ ...options, onEvent, signal: stop.signal });
  expect(report).toMatchObject({ state: "interrupted", exitStatus: 130 });
  expect(await deleteBackup(options)).toMatchObject({ state: "complete", exitStatus: 0 });
  expect(await listBackups(options)).toEqual([]);
});

it("callAs() makes of an abort what a signal to the command line is, and keeps its reason", async () => {
  const stop = new AbortController();
  await callAs({ signal: stop.signal }, async ({ signal }) => {
    stop.abort("enough");
    expect(signal.reason).toMatchObject({ name: "BackupError", code: "interrupted", cause: "enough" });
  });
});

it("callAs() keeps the error of a listener away from the run, and leaves it to the process", async () => {
  const later = vi.spyOn(globalThis, "queueMicrotask").mockReturnValue();
  const onEvent = (): void => {
    throw new Error("listener");
  };
  try {
    await callAs({ onEvent }, async (caller) => caller.onEvent?.(notice));
    expect(later).toHaveBeenCalledOnce();
    expect(() => later.mock.calls[0]?.[0]()).toThrow("listener");
  } finally {
    later.mockRestore();
  }
});

it("calls print nothing", async () => {
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockReturnValue(true));
  try {
    await listBackups({ target: targetOf("v0.5.16") });
    await expect(getBackup({ backup: "b1", target: targetOf("v0.5.16") })).rejects.toThrow("There is no backup b1");
    expect(writes.map(({ mock }) => mock.calls)).toEqual([[], []]);
  } finally {
    vi.restoreAllMocks();
  }
});
