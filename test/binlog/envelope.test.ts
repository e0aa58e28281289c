import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countRows } from "../../src/binlog/column.ts";
import { openLog } from "../../src/binlog/envelope.ts";
import type { OpenLog } from "../../src/binlog/envelope.ts";
import { envelope, int64File, memoryLog } from "../support/binlog-files.ts";

const KEYS = int64File([1n, 2n, 3n]);
const LOG = envelope({ payloads: [KEYS] });
/** Magic and descriptor event; an event has 33 bytes more in front of its payload. */
const HEAD_BYTES = 87;

const open = (bytes: Uint8Array): Promise<OpenLog> => openLog(memoryLog(bytes), { kind: "insert", whole: false });
const damagedAt = (offset: number, why: string): object => ({
  code: "damaged",
  message: `Cannot read the log "log" at byte ${offset}: ${why}`,
  facts: { log: "log", offset },
});

/** The log with one 32-bit number changed. */
function patched(offset: number, value: number): Uint8Array {
  const bytes = Buffer.from(LOG);
  bytes.writeInt32LE(value, offset);
  return bytes;
}

describe("openLog()", () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const extras = fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.oneof(fc.string(), fc.boolean(), fc.integer()));

  it("openLog() reads back every descriptor and finds every payload", async () => {
    const parts = fc.record({
      ids: fc.tuple(int64, int64, int64, int64),
      timestamps: fc.tuple(uint64, uint64),
      dataType: fc.integer({ min: 0, max: 200 }),
      extras: extras.filter((record) => !("edek" in record)),
      payloads: fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(parts, async (log) => {
        const bytes = envelope(log);
        const opened = await open(bytes);
        const payloads: Uint8Array[] = [];
        for await (const { start, end } of opened.payloads()) payloads.push(bytes.subarray(start, end));
        expect(payloads.map((payload) => [...payload])).toEqual(log.payloads.map((payload) => [...payload]));
        expect(opened.descriptor).toEqual({
          collectionId: log.ids[0],
          partitionId: log.ids[1],
          segmentId: log.ids[2],
          fieldId: log.ids[3],
          startTimestamp: log.timestamps[0],
          endTimestamp: log.timestamps[1],
          dataType: log.dataType,
          extras: log.extras,
        });
      }),
    );
  });

  it("openLog() takes a file that starts like parquet as bare parquet", async () => {
    expect((await open(KEYS)).descriptor).toBeUndefined();
    expect(await countRows(memoryLog(KEYS))).toBe(3);
  });

  const left = `${LOG.length - 4} are left`;
  it.each([
    { log: Buffer.from("not a binlog"), at: 0, why: "it starts neither like a binlog nor like parquet" },
    { log: new Uint8Array(), at: 0, why: "0 bytes are no log" },
    { log: patched(4 + 9, 80), at: 4, why: `the event says it has 80 bytes, ${left}` },
    { log: patched(4 + 9, 2 ** 31 - 1), at: 4, why: `the event says it has 2147483647 bytes, ${left}` },
    { log: patched(4 + 77, 3), at: 4, why: "its extras say 3 bytes" },
    { log: patched(4 + 77, -1), at: 4, why: "its extras say -1 bytes" },
    { log: patched(85, 0), at: 4, why: "its bytes do not decode" },
    { log: LOG.subarray(0, 50), at: 4, why: "it ends within the head of an event" },
  ])("openLog() refuses a head in which $why", async ({ log, at, why }) => {
    await expect(open(log)).rejects.toMatchObject(damagedAt(at, why));
  });

  const leftOfEvent = `${LOG.length - HEAD_BYTES} are left`;
  it.each([
    { log: LOG.subarray(0, 87), at: 87, why: "it ends before its first data event" },
    { log: LOG.subarray(0, 90), at: 87, why: "it ends within the head of an event" },
    { log: patched(87 + 9, LOG.length), at: 87, why: `the event says it has ${LOG.length} bytes, ${leftOfEvent}` },
    { log: patched(87 + 9, 32), at: 87, why: `the event says it has 32 bytes, ${leftOfEvent}` },
    { log: patched(87 + 8, 2), at: 87, why: "the event has type 2, not 1" },
    { log: envelope({ payloads: [Buffer.from("PAR1 garbage PAR0")] }), at: 133, why: "the parquet file has no end" },
    { log: envelope({ payloads: [new Uint8Array()] }), at: 120, why: "0 bytes are no parquet file" },
  ])("countRows() refuses a log in which $why", async ({ log, at, why }) => {
    await expect(countRows(memoryLog(log))).rejects.toMatchObject(damagedAt(at, why));
  });

  it("openLog() says so when the payload is encrypted", async () => {
    const bytes = envelope({ extras: { edek: "AAAA" }, payloads: [KEYS] });
    await expect(open(bytes)).rejects.toMatchObject({ code: "failed" });
  });

  it("openLog() notices a source that gives more or less than it said", async () => {
    const log = memoryLog(LOG);
    await expect(countRows({ ...log, bytes: LOG.length + 9 })).rejects.toMatchObject(
      damagedAt(LOG.length, "it is shorter than its listed size"),
    );
    const generous = { ...log, bytes: LOG.length - 1, read: () => log.read({ start: 0, end: LOG.length }) };
    await expect(countRows(generous)).rejects.toMatchObject(
      damagedAt(LOG.length - 1, "it is longer than its listed size"),
    );
  });

  it("openLog() lets the source's own errors through", async () => {
    const failure = new Error("the network is gone");
    const source = {
      name: "log",
      bytes: 1000,
      read: (): AsyncIterable<Uint8Array> => {
        throw failure;
      },
    };
    await expect(openLog(source, { kind: "insert", whole: true })).rejects.toBe(failure);
  });

  it("openLog() reads nothing once it is aborted", async () => {
    const log = memoryLog(LOG);
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(openLog(log, { kind: "insert", whole: true, signal })).rejects.toThrow("stop");
    expect(log.spans).toEqual([]);
  });
});
