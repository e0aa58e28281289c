import { expect, it } from "vitest";
import { isMilvusError } from "../../src/milvus/errors.ts";
import { connectFake, grpcFailure, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const NOTHING = new Uint8Array();

it("send() calls a reply without a status an error", async () => {
  await using fake = await startFakeMilvus({ ListDatabases: () => NOTHING });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("ListDatabases", {})).rejects.toMatchObject({ kind: "empty-reply", code: "unreachable" });
});

it("send() calls a request that the server does not know unsupported", async () => {
  await using fake = await startFakeMilvus();
  await using milvus = await connectFake(fake);
  const failure = await milvus.send("DescribeDatabase", {}, { database: "shop" }).catch((error: unknown) => error);
  expect(isMilvusError(failure, "unsupported")).toBe(true);
  expect(fake.sent("DescribeDatabase")).toHaveLength(1);
});

it("send() takes a status with all zeros for success where the reply is the status", async () => {
  await using fake = await startFakeMilvus({ CreateDatabase: () => NOTHING });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("CreateDatabase", { properties: [] }, { database: "shop" })).resolves.toBeDefined();
});

it("send() tells what a bad status says by code, by old error code and by text", async () => {
  const answers = [
    refused(100, "no such thing"),
    { status: { error_code: 4, reason: "old" } },
    { status: { code: 65_535, error_code: 1, reason: "can't find collection: book" } },
    { status: { code: 65_535, error_code: 1, reason: "etcd is down" } },
    refused(1400, "who are you"),
    refused(800, "database not found"),
  ];
  await using fake = await startFakeMilvus({ HasCollection: inTurn(...answers.map((answer) => () => answer)) });
  await using milvus = await connectFake(fake);
  const kinds: unknown[] = [];
  for (const _ of answers) {
    await milvus.send("HasCollection", { collection_name: "book" }).catch((error: unknown) => {
      kinds.push(isMilvusError(error) ? [error.kind, error.code] : error);
    });
  }
  expect(kinds).toEqual([
    ["collection-not-found", "not-found"],
    ["collection-not-found", "not-found"],
    ["collection-not-found", "not-found"],
    ["other", "failed"],
    ["denied", "denied"],
    ["database-not-found", "not-found"],
  ]);
});

it("send() names request, collection, server and reason in its error", async () => {
  await using fake = await startFakeMilvus({ HasCollection: () => refused(65_535, "etcd is down") });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("HasCollection", { collection_name: "book" }, { database: "shop" })).rejects.toThrow(
    `HasCollection of "shop.book" on Milvus at ${fake.address} failed: etcd is down`,
  );
});

it("send() repeats what is safe to repeat when the server is unavailable for a moment", async () => {
  const unavailable = (): never => {
    throw grpcFailure("UNAVAILABLE", "restarting");
  };
  await using fake = await startFakeMilvus({
    ListDatabases: inTurn(unavailable, unavailable, () => ok({ db_names: ["default"] })),
  });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  const { reply } = await milvus.send("ListDatabases", {});
  expect(reply.db_names).toEqual(["default"]);
  expect(clock.sleeps).toHaveLength(2);
});

/** What Milvus 2.3.5 says to a flush after it was killed and started again, until it has noticed. */
const NODES_RESTARTED =
  "attempt #0: stack trace: /milvus/pkg/tracer/stack_trace.go:51 github.com/milvus-io/milvus/pkg/tracer.StackTrace\n" +
  "/milvus/internal/util/grpcclient/client.go:550 github.com/milvus-io/milvus/internal/util/grpcclient.(*ClientBase[...]).Call\n" +
  "/usr/local/go/src/runtime/asm_amd64.s:1598 runtime.goexit: rpc error: code = Unknown desc = node not match" +
  "[expectedNodeID=1][actualNodeID=2]: attempt #9: session not found->datanode-1: node not found[node=1]";

it.each([
  ["INTERNAL", "Received RST_STREAM with code 0 (Call ended without gRPC status)"],
  ["CANCELLED", "Call cancelled"],
] as const)("send() takes a connection that breaks for no word of the server: %s", async (code, details) => {
  const broken = (): never => {
    throw grpcFailure(code, details);
  };
  await using fake = await startFakeMilvus({
    DescribeIndex: inTurn(broken, () => ok({ index_descriptions: [] })),
    CreateAlias: broken,
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await expect(milvus.send("DescribeIndex", { collection_name: "book" })).resolves.toBeDefined();
  const change = milvus.send("CreateAlias", { collection_name: "book", alias: "b" });
  await expect(change).rejects.toMatchObject({ kind: "unreachable", code: "unreachable" });
  expect(fake.sent("CreateAlias")).toHaveLength(1);
});

it("send() repeats what is safe to repeat while a restarted server does not know its own nodes", async () => {
  const restarted = (): object => refused(65_535, NODES_RESTARTED);
  await using fake = await startFakeMilvus({ Flush: inTurn(restarted, () => ok()) });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await expect(milvus.send("Flush", { collection_names: ["book"] })).resolves.toBeDefined();
});

it("send() leaves the server's stacks out of its error", async () => {
  await using fake = await startFakeMilvus({ Flush: () => refused(65_535, NODES_RESTARTED) });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await expect(milvus.send("Flush", { collection_names: ["book"] })).rejects.toMatchObject({
    code: "unreachable",
    message:
      `Flush on Milvus at ${fake.address} failed: attempt #0: rpc error: code = Unknown desc = node not match` +
      "[expectedNodeID=1][actualNodeID=2]: attempt #9: session not found->datanode-1: node not found[node=1]",
  });
});

it("send() does not repeat a change whose answer was lost", async () => {
  await using fake = await startFakeMilvus({
    DropCollection: () => {
      throw grpcFailure("UNAVAILABLE", "connection reset");
    },
  });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("DropCollection", { collection_name: "book" })).rejects.toMatchObject({
    kind: "unreachable",
  });
  expect(fake.sent("DropCollection")).toHaveLength(1);
});

it("send() repeats even a change that was refused for its rate, with growing waits", async () => {
  const limited = (): object => ({ code: 8, error_code: 49, reason: "rate limit exceeded" });
  await using fake = await startFakeMilvus({ DropCollection: inTurn(limited, limited, limited, () => ({})) });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  await milvus.send("DropCollection", { collection_name: "book" });
  const doublings = clock.sleeps.map((ms) => Math.round(Math.log2(ms / 1000)) + 0); // + 0: not -0
  expect(doublings).toEqual([0, 1, 2]);
});

it("send() gives up on a rate limit at the deadline", async () => {
  await using fake = await startFakeMilvus({ Flush: () => refused(8, "rate limit exceeded") });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  const flush = milvus.send("Flush", { collection_names: ["book"] }, { deadline: clock.now() + 10_000 });
  await expect(flush).rejects.toMatchObject({ kind: "rate-limited" });
  expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
});

it("send() gives each request its own time limit, not 15 seconds, and never more than the deadline", async () => {
  await using fake = await startFakeMilvus({ Flush: () => ok(), ListDatabases: () => ok() });
  await using milvus = await connectFake(fake);
  await milvus.send("Flush", { collection_names: ["book"] });
  await milvus.send("ListDatabases", {}, { deadline: Date.now() + 5000 });
  const [flush = 0, list = 0] = fake.requests.slice(-2).map(({ timeoutMs }) => timeoutMs);
  expect(flush).toBeGreaterThan(290_000);
  expect(list).toBeLessThanOrEqual(5000);
});

it("send() waits for the answer to what cannot be called back when it is stopped, but not for ever", async () => {
  const stop = new AbortController();
  let isAnswered = true;
  const onRequest = async (): Promise<object> => {
    stop.abort(new Error("stopped"));
    return await (isAnswered ? {} : new Promise<object>(() => undefined));
  };
  await using fake = await startFakeMilvus({ DropCollection: onRequest });
  await using milvus = await connectFake(fake);
  const book = { collection_name: "book" };
  await expect(milvus.send("DropCollection", book, { signal: stop.signal, graceMs: 60_000 })).resolves.toBeDefined();
  isAnswered = false;
  await expect(milvus.send("DropCollection", book, { signal: stop.signal, graceMs: 1 })).rejects.toMatchObject({
    kind: "timeout",
    message: expect.stringContaining("was not answered in the 0 s after the run was stopped"),
  });
});

it("send() sends nothing again that was refused for its rate when it is stopped meanwhile", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped");
  await using fake = await startFakeMilvus({
    Import: () => {
      stop.abort(reason);
      return refused(8, "rate limit exceeded");
    },
  });
  await using milvus = await connectFake(fake);
  const request = { collection_name: "book", partition_name: "_default", files: [], options: [] };
  await expect(milvus.send("Import", request, { signal: stop.signal, graceMs: 60_000 })).rejects.toBe(reason);
  expect(fake.sent("Import")).toHaveLength(1);
});

it("send() ends at its time limit when no answer comes", async () => {
  await using fake = await startFakeMilvus({ ListDatabases: () => new Promise<object>(() => undefined) });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("ListDatabases", {}, { deadline: Date.now() + 100 })).rejects.toMatchObject({
    kind: "timeout",
  });
});

it("send() throws the signal's reason as soon as it is aborted", async () => {
  const controller = new AbortController();
  await using fake = await startFakeMilvus({
    ListDatabases: () => {
      controller.abort(new Error("stop now"));
      return new Promise<object>(() => undefined);
    },
  });
  await using milvus = await connectFake(fake);
  await expect(milvus.send("ListDatabases", {}, { signal: controller.signal })).rejects.toThrow("stop now");
  await expect(milvus.send("ListDatabases", {}, { signal: controller.signal })).rejects.toThrow("stop now");
  expect(fake.sent("ListDatabases")).toHaveLength(1);
});

it("send() names the database in the header and in the request", async () => {
  await using fake = await startFakeMilvus({ HasCollection: () => ok({ value: true }) });
  await using milvus = await connectFake(fake);
  await milvus.send("HasCollection", { collection_name: "book" }, { database: "shop" });
  const last = fake.requests.at(-1);
  expect(last?.metadata).toMatchObject({ dbname: "shop", identifier: "7" });
  expect(last?.request).toMatchObject({ db_name: "shop", collection_name: "book" });
});

it("send() keeps ids beyond 2^53 whole", async () => {
  await using fake = await startFakeMilvus({
    GetImportState: ({ task }) =>
      ok({ state: 6, row_count: "9223372036854775807", infos: [{ key: "task", value: task }] }),
  });
  await using milvus = await connectFake(fake);
  const { reply } = await milvus.send("GetImportState", { task: "470664302226709337" });
  expect([reply.row_count, reply.infos[0]?.value]).toEqual(["9223372036854775807", "470664302226709337"]);
});

it("send() asks once more for what a server says from memory, not for its work or a change, when the time is over", async () => {
  const late = (): never => {
    throw grpcFailure("DEADLINE_EXCEEDED", "too late");
  };
  await using fake = await startFakeMilvus({
    HasCollection: inTurn(late, () => ok({ value: true })),
    DescribeIndex: late,
    Flush: late,
    CreateAlias: late,
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  const book = { collection_name: "book" };
  await expect(milvus.send("HasCollection", book)).resolves.toMatchObject({ reply: { value: true } });
  await expect(milvus.send("DescribeIndex", book)).rejects.toMatchObject({ kind: "timeout" });
  await expect(milvus.send("Flush", { collection_names: ["book"] })).rejects.toMatchObject({ kind: "timeout" });
  await expect(milvus.send("CreateAlias", { ...book, alias: "b" })).rejects.toMatchObject({ kind: "timeout" });
  const times = (["HasCollection", "DescribeIndex", "Flush", "CreateAlias"] as const).map(
    (rpc) => fake.sent(rpc).length,
  );
  expect(times).toEqual([2, 2, 1, 1]);
});

it("send() gives what a server says from memory seconds, and waits for nothing longer than its caller does", async () => {
  await using fake = await startFakeMilvus({
    HasCollection: () => ok({ value: true }),
    Import: () => ok({ tasks: [] }),
  });
  await using patient = await connectFake(fake);
  await patient.send("HasCollection", { collection_name: "book" });
  await using hasty = await connectFake(fake, { answerMs: 5000 });
  await hasty.send("Import", { collection_name: "book", partition_name: "", files: [], options: [] });
  const timeouts = fake.requests.flatMap(({ rpc, timeoutMs }) =>
    ["HasCollection", "Import"].includes(rpc) ? [timeoutMs] : [],
  );
  expect(timeouts).toEqual([expect.closeTo(20_000, -4), expect.closeTo(5000, -4)]);
});
