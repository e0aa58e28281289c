import { expect, it } from "vitest";
import { importState, startImport, waitForImport, type ImportRequest } from "../../src/milvus/import.ts";
import { connectFake, grpcFailure, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const TASK = "470664302226709337"; // beyond 2^53

const SEGMENTS: ImportRequest = {
  database: "shop",
  collection: "book",
  partition: "fiction",
  place: "bucket",
  data: { kind: "segments", insertDirectory: "b/insert_log/1/2/3/", deltaDirectory: "b/delta_log/1/2/3/" },
};

function state(number: number, rows: string, infos: Readonly<Record<string, string>> = {}): object {
  return ok({ state: number, row_count: rows, infos: Object.entries(infos).map(([key, value]) => ({ key, value })) });
}

it("startImport() asks for a backup import and gives the task id unharmed", async () => {
  await using fake = await startFakeMilvus({ Import: () => ok({ tasks: [TASK] }) });
  await using milvus = await connectFake(fake);
  expect(await startImport(milvus, SEGMENTS)).toBe(TASK);
  expect(fake.sent("Import")).toMatchObject([
    {
      db_name: "shop",
      collection_name: "book",
      partition_name: "fiction",
      files: ["b/insert_log/1/2/3/", "b/delta_log/1/2/3/"],
      options: [
        { key: "backup", value: "true" },
        { key: "skip_disk_quota_check", value: "true" },
      ],
    },
  ]);
});

it("startImport() sends an empty second path without deltas, and a storage version above 0", async () => {
  await using fake = await startFakeMilvus({ Import: () => ok({ tasks: [TASK] }) });
  await using milvus = await connectFake(fake);
  const data = { kind: "segments", insertDirectory: "b/insert_log/1/2/3/", storageVersion: 2n } as const;
  await startImport(milvus, { ...SEGMENTS, data });
  const options = expect.arrayContaining([{ key: "storage_version", value: "2" }]);
  expect(fake.sent("Import")).toMatchObject([{ files: ["b/insert_log/1/2/3/", ""], options }]);
});

it("startImport() asks for an L0 import of one path, with no partition for all", async () => {
  await using fake = await startFakeMilvus({ Import: () => ok({ tasks: [TASK] }) });
  await using milvus = await connectFake(fake);
  const data = { kind: "l0", deltaDirectory: "b/delta_log/1/-1/9/" } as const;
  await startImport(milvus, { ...SEGMENTS, partition: "", data });
  expect(fake.sent("Import")).toMatchObject([
    {
      partition_name: "",
      files: ["b/delta_log/1/-1/9/"],
      options: [
        { key: "l0_import", value: "true" },
        { key: "skip_disk_quota_check", value: "true" },
      ],
    },
  ]);
});

it("startImport() refuses a path that Milvus would misread before anything is sent", async () => {
  await using fake = await startFakeMilvus({ Import: () => ok({ tasks: [TASK] }) });
  await using milvus = await connectFake(fake);
  const bad = [
    { kind: "segments", insertDirectory: "b/3" },
    { kind: "segments", insertDirectory: "b/3/", deltaDirectory: "b//3/" },
    { kind: "l0", deltaDirectory: "/b/9/" },
  ] as const;
  for (const data of bad) {
    await expect(startImport(milvus, { ...SEGMENTS, data })).rejects.toMatchObject({ code: "refused" });
  }
  await expect(startImport(milvus, { ...SEGMENTS, partition: "" })).rejects.toThrow("names its partition");
  expect(fake.sent("Import")).toEqual([]);
});

it("startImport() is not repeated when the answer was lost, and says that it may be running", async () => {
  await using fake = await startFakeMilvus({
    Import: () => {
      throw grpcFailure("UNAVAILABLE", "connection reset");
    },
  });
  await using milvus = await connectFake(fake);
  await expect(startImport(milvus, SEGMENTS)).rejects.toMatchObject({
    message: 'The answer to an import into "shop.book" was lost',
    hint: expect.stringContaining("may be running"),
  });
  expect(fake.sent("Import")).toHaveLength(1);
});

it("startImport() says that it may be running when the run was stopped and no answer came", async () => {
  const stop = new AbortController();
  const onRequest = (): Promise<object> => {
    stop.abort(new Error("stopped"));
    return new Promise(() => undefined);
  };
  await using fake = await startFakeMilvus({ Import: onRequest });
  await using milvus = await connectFake(fake);
  await expect(startImport(milvus, SEGMENTS, { signal: stop.signal, graceMs: 1 })).rejects.toMatchObject({
    kind: "timeout",
    facts: { importTask: "unknown" },
  });
});

it("startImport() calls a reply without a task an error", async () => {
  await using fake = await startFakeMilvus({ Import: () => ok({ tasks: [] }) });
  await using milvus = await connectFake(fake);
  await expect(startImport(milvus, SEGMENTS)).rejects.toMatchObject({ kind: "empty-reply" });
});

it("importState() reads state, rows, progress and reason", async () => {
  const answers = [
    state(0, "0"),
    state(2, "0", { progress_percent: "40" }),
    state(5, "10"),
    state(8, "10"),
    state(6, "9007199254740993", { progress_percent: "100" }),
    state(1, "0", { failed_reason: "no such field" }),
    state(7, "0", { failed_reason: "cleaned" }),
  ];
  await using fake = await startFakeMilvus({ GetImportState: inTurn(...answers.map((answer) => () => answer)) });
  await using milvus = await connectFake(fake);
  const states: unknown[] = [];
  for (const _ of answers) states.push(Object.values(await importState(milvus, TASK)));
  expect(states).toEqual([
    ["pending", 0n, 0, ""],
    ["running", 0n, 40, ""],
    ["persisted", 10n, 0, ""],
    ["persisted", 10n, 0, ""],
    ["completed", 9007199254740993n, 100, ""],
    ["failed", 0n, 0, "no such field"],
    ["failed", 0n, 0, "cleaned"],
  ]);
  expect(fake.sent("GetImportState")[0]).toEqual({ task: TASK });
});

it("importState() fails for a task that the server does not know", async () => {
  await using fake = await startFakeMilvus({ GetImportState: () => refused(65_535, "import task id doesn't exist") });
  await using milvus = await connectFake(fake);
  await expect(importState(milvus, TASK)).rejects.toThrow("import task id doesn't exist");
});

it("waitForImport() tells each change once and resolves when the task is complete", async () => {
  const running = (): object => state(2, "0", { progress_percent: "40" });
  await using fake = await startFakeMilvus({
    GetImportState: inTurn(
      () => state(0, "0"),
      running,
      running,
      () => state(6, "10", { progress_percent: "100" }),
    ),
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  const seen: string[] = [];
  const done = await waitForImport(milvus, TASK, {
    stallTimeoutMs: 60_000,
    onProgress: ({ status, progress }) => void seen.push(`${status} ${progress}`),
  });
  expect(done).toEqual({ status: "completed", rows: 10n, progress: 100, reason: "" });
  expect(seen).toEqual(["pending 0", "running 40", "completed 100"]);
});

it("waitForImport() throws with the server's reason when the task failed", async () => {
  await using fake = await startFakeMilvus({ GetImportState: () => state(1, "0", { failed_reason: "no such field" }) });
  await using milvus = await connectFake(fake);
  const waiting = waitForImport(milvus, TASK, { stallTimeoutMs: 60_000 });
  await expect(waiting).rejects.toThrow(`Import task ${TASK} failed: no such field`);
});

it("waitForImport() asks again when the server cannot tell of a task, but not of one that it may have forgotten", async () => {
  const broken = (): object => refused(65_535, "etcdserver: leader changed");
  const answers = inTurn(
    broken,
    () => state(2, "0"),
    broken,
    () => state(6, "9"),
    broken,
  );
  await using fake = await startFakeMilvus({ GetImportState: answers });
  await using milvus = await connectFake(fake, { clock: createFakeClock() });
  const wait = { stallTimeoutMs: 60_000 };
  await expect(waitForImport(milvus, TASK, wait)).resolves.toMatchObject({ status: "completed", rows: 9n });
  await expect(waitForImport(milvus, TASK, { ...wait, mayBeForgotten: true })).rejects.toMatchObject({ kind: "other" });
  expect(fake.sent("GetImportState").length).toBe(5);
});

it("waitForImport() gives up on a task that stands still, however much time is left", async () => {
  await using fake = await startFakeMilvus({ GetImportState: () => state(2, "0", { progress_percent: "40" }) });
  const clock = createFakeClock(Date.now());
  const startedAt = clock.now();
  await using milvus = await connectFake(fake, { clock });
  const waiting = waitForImport(milvus, TASK, { stallTimeoutMs: 5000, deadline: clock.now() + 3_600_000 });
  await expect(waiting).rejects.toMatchObject({
    code: "failed", // Milvus answers, so it is not unreachable
    message: `Import task ${TASK} made no progress for 5 s: it is running at 40 %`,
  });
  expect(clock.now() - startedAt).toBe(5000);
});
