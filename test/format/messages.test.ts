import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBackupError } from "../../src/core/errors.ts";
import { decodeMessage } from "../../src/format/decode-message.ts";
import { encodeFrame, encodeMessage } from "../../src/format/encode-message.ts";
import type { Message } from "../../src/format/message.ts";
import { COLLECTION, FULL, PARTITION, SEGMENT } from "../../src/format/messages.ts";
import type { SegmentMeta } from "../../src/format/meta.ts";
import { anyOf } from "../support/arbitrary-meta.ts";

function decode<T>(message: Message<T>, text: string): T {
  return decodeMessage(message, { text, file: "f.json", offset: 0 });
}

function whyNot(message: Message<unknown>, text: string): string {
  try {
    decode(message, text);
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return error.message.replace("Cannot read f.json ", "");
    throw error;
  }
  throw new Error(`This was read: ${text}`);
}

const EMPTY_SEGMENT: SegmentMeta = { segment_id: 0n, collection_id: 0n, partition_id: 0n, size: 0n };

describe("decodeMessage", () => {
  it.each([
    ["a collection", COLLECTION],
    ["a backup", FULL],
    ["a partition", PARTITION],
  ] as const)("decodeMessage() gives back %s that encodeMessage() printed", (_, message: Message<object>) => {
    fc.assert(
      fc.property(anyOf(message), (value) => {
        expect(decode(message, encodeMessage(message, value))).toEqual(value);
      }),
    );
  });

  it("decodeMessage() matches keys in any case, ignores unknown ones and takes null for zero", () => {
    const text = `{"Segment_ID":1,"SIZE":null,"new":{"a":[{"deep":1.5}]},"binlogs":null,"deltalogs":[null,{}],
      "is_l0":false,"collection_id":2,"Partition_Id":-1}`;
    expect(decode(SEGMENT, text)).toEqual({
      segment_id: 1n,
      collection_id: 2n,
      partition_id: -1n,
      size: 0n,
      deltalogs: [{}, {}],
    });
  });

  it("decodeMessage() fills in the zero of what our objects always have", () => {
    expect(decode(SEGMENT, "{}")).toEqual(EMPTY_SEGMENT);
    expect(decode(COLLECTION, "{}")).toEqual({
      collection_id: 0n,
      db_name: "",
      collection_name: "",
      schema: { name: "", fields: [] },
      size: 0n,
      has_index: false,
    });
  });

  it.each([
    ['{"size":"7"}', "at byte 8 in size: a number should stand here, not a string"],
    ['{"size":7.0}', "at byte 8 in size: an integer has a fraction or an exponent"],
    ['{"size":7e2}', "at byte 8 in size: an integer has a fraction or an exponent"],
    [
      '{"size":9223372036854775808}',
      "at byte 8 in size: an integer is not between -9223372036854775808 and 9223372036854775807",
    ],
    ['{"is_l0":1}', "at byte 9 in is_l0: true or false should stand here, not a number"],
    ['{"v_channel":["a"]}', "at byte 13 in v_channel: a string should stand here, not a list"],
    ['{"binlogs":{}}', "at byte 11 in binlogs: a list should stand here, not an object"],
    [
      '{"binlogs":[{"binlogs":[{},7]}]}',
      "at byte 27 in binlogs[0].binlogs[1]: an object should stand here, not a number",
    ],
    ['{"size":1,"Size":2}', "at byte 17 in Size: the key is there twice"],
    ["[]", "at byte 0: an object should stand here, not a list"],
  ])("decodeMessage() refuses %s with its path", (text, message) => {
    expect(whyNot(SEGMENT, text)).toBe(message);
  });

  it.each([
    ['{"timestamp_from":-1}', "timestamp_from"],
    ['{"log_size":1}{', "something follows its end"],
  ])("decodeMessage() refuses %s in a log", (log, reason) => {
    expect(whyNot(SEGMENT, `{"binlogs":[{"binlogs":[${log}]}]}`)).toContain(
      reason.includes(" ") ? "should stand here" : reason,
    );
  });

  it("decodeMessage() keeps a key of a map that objects have anyway", () => {
    const { channel_checkpoints: map = {} } = decode(COLLECTION, '{"channel_checkpoints":{"__proto__":"x","b":null}}');
    expect(Object.entries(map)).toEqual([
      ["__proto__", "x"],
      ["b", ""],
    ]);
  });
});

describe("encodeMessage", () => {
  it("encodeMessage() leaves out zero values but those that Go always writes", () => {
    const binlogs = [{ fieldID: 0n, binlogs: [{ log_size: 0n, log_id: 0n }] }];
    const segment = {
      ...EMPTY_SEGMENT,
      segment_id: 5n,
      num_of_rows: 0n,
      is_l0: false,
      v_channel: "",
      binlogs,
      deltalogs: [{}],
    };
    expect(encodeMessage(SEGMENT, segment)).toBe(
      '{"segment_id":5,"binlogs":[{"binlogs":[{"log_size":0}]}],"deltalogs":[{}],"size":0}',
    );
  });

  it("encodeMessage() refuses an integer that Go could not read", () => {
    expect(() => encodeMessage(SEGMENT, { ...EMPTY_SEGMENT, segment_id: 2n ** 63n })).toThrow(RangeError);
    expect(() => encodeMessage(FULL, { size: 0n, state_code: 0.5 })).toThrow(RangeError);
    expect(() => encodeMessage(FULL, { size: 0n, state_code: 0, backup_timestamp: -1n })).toThrow(RangeError);
  });
});

describe("encodeFrame", () => {
  it("encodeFrame() leaves a hole that elements of the list fill", () => {
    const list = fc.array(anyOf(SEGMENT), { maxLength: 3 });
    fc.assert(
      fc.property(anyOf(PARTITION), list, (partition, segments) => {
        const { prefix, suffix, empty } = encodeFrame(PARTITION, partition, "segment_backups");
        const elements = segments.map((segment) => encodeMessage(SEGMENT, segment));
        const text = segments.length === 0 ? empty : prefix + elements.join(",") + suffix;
        expect(text).toBe(encodeMessage(PARTITION, { ...partition, segment_backups: segments }));
      }),
    );
  });
});
