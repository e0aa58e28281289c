import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeObjectLine, readObjectLines } from "../../src/format/objects-list.ts";
import type { ObjectEntry } from "../../src/format/objects-list.ts";
import { collect } from "../support/collect.ts";
import { inChunks } from "../support/memory-files.ts";

const sha256 = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });

const anyEntry: fc.Arbitrary<ObjectEntry> = fc.record(
  {
    key: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((id) => `binlogs/insert_log/1/2/3/3/100/${id}`),
    bytes: fc.nat(),
    sha256,
    etag: word,
    from: word,
    stored: fc.record({ bytes: fc.nat(), sha256, encoding: word, keyId: word }, { noNullPrototype: true }),
  },
  { requiredKeys: ["key", "bytes"], noNullPrototype: true },
);

function read(text: string | Uint8Array, chunkBytes = 5): Promise<readonly ObjectEntry[]> {
  return collect(readObjectLines(inChunks(text, chunkBytes), "meta/objects/1.jsonl.gz"));
}

const LINE = '{"key":"binlogs/delta_log/1/-1/3/4","bytes":5}\n';

describe("readObjectLines", () => {
  it("readObjectLines() gives back what encodeObjectLine() wrote, wherever the chunks end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry), fc.integer({ min: 1, max: 300 }), async (entries, chunkBytes) => {
        expect(await read(entries.map(encodeObjectLine).join(""), chunkBytes)).toEqual(entries);
      }),
    );
  });

  it("readObjectLines() finds nothing in an empty file", async () => {
    expect(await read("")).toEqual([]);
  });

  it.each([
    ["a list cut short", LINE + LINE.slice(0, 20), "at byte 67: it ends within a line"],
    ["a list cut at the newline", LINE.trimEnd(), "at byte 46: it ends within a line"],
    ["what is not JSON", `${LINE}{"key"}\n`, "at byte 47: it is not JSON"],
    ["an empty line", `${LINE}\n`, "at byte 47: it is not JSON"],
    ["a key that leads out", LINE.replace("/3/4", "/../../x"), "at byte 0 in key: not the key of a segment's object"],
    [
      "a key of a meta file",
      LINE.replace(/binlogs[^"]*/, "meta/full_meta.json"),
      "at byte 0 in key: not the key of a segment's object",
    ],
    ["half a byte", LINE.replace('"bytes":5', '"bytes":5.5'), "at byte 0 in bytes: "],
  ])("readObjectLines() refuses %s", async (_, text, message) => {
    const expected = `Cannot read meta/objects/1.jsonl.gz ${message}`;
    await expect(read(text)).rejects.toThrow(
      expect.objectContaining({ code: "damaged", message: expect.stringContaining(expected) }),
    );
  });

  it("readObjectLines() says which byte is not UTF-8", async () => {
    const bytes = new TextEncoder().encode(LINE + LINE);
    bytes[50] = 0xff;
    await expect(read(bytes)).rejects.toThrow("Cannot read meta/objects/1.jsonl.gz at byte 50: it is not UTF-8");
  });
});

describe("encodeObjectLine", () => {
  it("encodeObjectLine() refuses a key that could not be read again", () => {
    expect(() => encodeObjectLine({ key: "meta/full_meta.json", bytes: 1 })).toThrow();
  });
});
