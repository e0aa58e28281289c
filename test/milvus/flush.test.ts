import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { flushCollection } from "../../src/milvus/flush.ts";
import { connectFake, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const BOOK = { database: "shop", collection: "book" };

const FLUSHED = ok({
  coll_segIDs: { book: { data: ["470664302226709337", "470664302226709338"] } },
  flush_coll_segIDs: { book: { data: ["470664302226709300"] } },
  coll_seal_times: { book: "1795441886" },
  coll_flush_ts: { book: "470664302226709999" },
  channel_cps: {
    dml_0: { channel_name: "dml_0", msgID: Buffer.from([1, 2]), timestamp: "470664302226700001" },
    dml_1: { channel_name: "dml_1", msgID: Buffer.from([3]), timestamp: "470664302226700002" },
  },
});

it("flushCollection() waits by segments, time and collection, and gives everything the flush told", async () => {
  const no = (): object => ok({ flushed: false });
  await using fake = await startFakeMilvus({
    Flush: () => FLUSHED,
    GetFlushState: inTurn(no, no, () => ok({ flushed: true })),
  });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  expect(await flushCollection(milvus, BOOK)).toEqual({
    segmentIds: [470664302226709337n, 470664302226709338n],
    flushedSegmentIds: [470664302226709300n],
    flushTs: 470664302226709999n,
    sealTime: 1795441886n,
    channelCheckpoints: { dml_0: "CgVkbWxfMBICAQIg4e239YbWiMQG", dml_1: expect.any(String) },
    checkpointTs: 470664302226700002n,
  });
  expect(fake.sent("GetFlushState")).toHaveLength(3);
  expect(clock.sleeps).toEqual([25, 32]); // it takes a time tick of Milvus, mostly less than half a second
  expect(fake.sent("GetFlushState")[0]).toEqual({
    db_name: "shop",
    collection_name: "book",
    segmentIDs: ["470664302226709337", "470664302226709338"],
    flush_ts: "470664302226709999",
  });
});

it("flushCollection() waits out a rate limit", async () => {
  const limited = (): object => refused(8, "rate limit exceeded");
  await using fake = await startFakeMilvus({
    Flush: inTurn(limited, limited, () => FLUSHED),
    GetFlushState: () => ok({ flushed: true }),
  });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  expect((await flushCollection(milvus, BOOK)).flushTs).toBe(470664302226709999n);
  expect(clock.sleeps).toHaveLength(2);
});

it("flushCollection() fails when the flush failed, without asking for its state", async () => {
  await using fake = await startFakeMilvus({
    Flush: () => refused(65_535, "channel not ready"),
    GetFlushState: () => ok({ flushed: true }),
  });
  await using milvus = await connectFake(fake);
  await expect(flushCollection(milvus, BOOK)).rejects.toThrow("channel not ready");
  expect(fake.sent("GetFlushState")).toEqual([]);
});

it("flushCollection() fails when the answer does not speak of the collection", async () => {
  await using fake = await startFakeMilvus({ Flush: () => ok(), GetFlushState: () => ok({ flushed: true }) });
  await using milvus = await connectFake(fake);
  await expect(flushCollection(milvus, BOOK)).rejects.toMatchObject({ kind: "empty-reply" });
});

it("flushCollection() gives up at the deadline", async () => {
  await using fake = await startFakeMilvus({ Flush: () => FLUSHED, GetFlushState: () => ok({ flushed: false }) });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  const flush = flushCollection(milvus, BOOK, { deadline: clock.now() + 20_000 });
  await expect(flush).rejects.toThrow('Gave up waiting for the flush of "shop.book" after 20 s');
});
