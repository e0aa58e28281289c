import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBackupError } from "../../src/core/errors.ts";
import { printJson } from "../../src/format/json.ts";
import { parseJson } from "../support/parse-json.ts";
import type { JsonText } from "../../src/format/json-cursor.ts";
import type { JsonValue } from "../../src/format/json.ts";
import { splitList } from "../../src/format/split-list.ts";
import { anyJson, anyText } from "../support/arbitrary-meta.ts";
import { inChunks } from "../support/memory-files.ts";

interface Split {
  readonly elements: readonly JsonText[];
  readonly rest: JsonText;
}

async function split(content: string | Uint8Array, chunkBytes = 3): Promise<Split> {
  const elements: JsonText[] = [];
  const rests: JsonText[] = [];
  const place = { file: "f.json", key: "infos" };
  for await (const element of splitList(inChunks(content, chunkBytes), place, (rest) => rests.push(rest)))
    elements.push(element);
  const [rest] = rests;
  if (rest === undefined || rests.length !== 1) throw new Error("The rest is given once");
  return { elements, rest };
}

async function whyNot(content: string | Uint8Array): Promise<string> {
  try {
    const { elements, rest } = await split(content);
    for (const text of [...elements, rest]) parseJson(text);
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return error.message;
    throw error;
  }
  throw new Error("This was read");
}

const anyKey = anyText.filter((key) => key.toLowerCase() !== "infos");
const anySpace = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 3 });

describe("splitList", () => {
  it("splitList() finds all elements and all else, wherever the chunks end", async () => {
    const entries = fc.dictionary(anyKey, anyJson, { maxKeys: 3, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.array(anyJson, { maxLength: 4 }),
        entries,
        anySpace,
        fc.integer({ min: 1, max: 40 }),
        async (...given) => {
          const [before, list, after, space, chunkBytes] = given;
          const others: [string, JsonValue][] = Object.entries({ ...before, ...after });
          const printed = list.map((element) => space + printJson(element) + space).join(",");
          const keys = others.map(([key, value]) => `${printJson(key)}:${printJson(value)}${space}`);
          const all = keys.toSpliced(
            keys.length / 2,
            0,
            `${space}"infos"${space}:${space}[${space}${printed}${space}]`,
          );
          const text = `${space}{${all.join(",")}}${space}`;
          const { elements, rest } = await split(text, chunkBytes);
          expect(elements.map((element) => parseJson(element))).toEqual(list);
          expect(parseJson(rest)).toEqual({ ...before, ...after, infos: [] });
          const bytes = new TextEncoder().encode(text);
          const decoder = new TextDecoder();
          for (const { offset, text: own } of elements) {
            expect(decoder.decode(bytes.subarray(offset, offset + new TextEncoder().encode(own).length))).toBe(own);
          }
        },
      ),
    );
  });

  it("splitList() matches the key in any case, but only in the object itself", async () => {
    const { elements, rest } = await split('{"a":{"infos":[1]},"b":"infos","InFos":[2],"c":["infos",[3]]}');
    expect(elements).toEqual([{ text: "2", file: "f.json", offset: 40, path: "infos[0]" }]);
    expect(rest).toEqual({
      text: '{"a":{"infos":[1]},"b":"infos","InFos":[],"c":["infos",[3]]}',
      file: "f.json",
      offset: 0,
      gap: { at: 40, bytes: 1 },
    });
  });

  it("splitList() gives no element for an empty list, null, or no list", async () => {
    for (const text of ['{"infos":[ ]}', '{"infos":null}', "{}"]) expect((await split(text)).elements).toEqual([]);
  });

  it.each([
    ['{"infos":[{"a":1},{"b":x}]}', "Cannot read f.json at byte 23 in infos[1].b: a value should begin here"],
    ['{"infos":[{"a":1},{"b":2}],"size":x}', "Cannot read f.json at byte 34 in size: a value should begin here"],
    ['{"infos":[1,2,]}', "Cannot read f.json at byte 14 in infos[2]: it ends too early: a value should begin here"],
    ['{"infos":[,2]}', "Cannot read f.json at byte 10 in infos[0]: it ends too early: a value should begin here"],
    ['{"infos":[1 2]}', "Cannot read f.json at byte 12 in infos[0]: something follows its end"],
    ['{"infos":[1}}', "Cannot read f.json at byte 11 in infos[0]: a value should begin here"],
    ['{"infos":[{"a":1},{"b":2}', "Cannot read f.json at byte 25: it ends too early"],
    ['{"infos":["a', "Cannot read f.json at byte 12: it ends too early"],
    ['{"infos":[1]} {}', "Cannot read f.json at byte 14: something follows its end"],
    ['{"infos":[1],"infos":[2]}', "Cannot read f.json at byte 20 in infos: the key is there twice"],
    ["", "Cannot read f.json at byte 0: it ends too early: a value should begin here"],
  ])("splitList() leaves nothing unseen by the parser in %s", async (text, message) => {
    expect(await whyNot(text)).toBe(message);
  });

  it("splitList() says which byte is not UTF-8", async () => {
    const bytes = new TextEncoder().encode('{"infos":["é","abc"]}');
    bytes[17] = 0xff;
    expect(await whyNot(bytes)).toBe("Cannot read f.json at byte 17: it is not UTF-8");
    bytes[2] = 0xc3;
    expect(await whyNot(bytes.subarray(0, 9))).toBe("Cannot read f.json at byte 9: it ends too early");
  });

  it("splitList() closes the file when its reader stops early", async () => {
    let isClosed = false;
    async function* file(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new TextEncoder().encode('{"infos":[1,2,');
      } finally {
        isClosed = true;
      }
    }
    for await (const { text } of splitList(file(), { file: "f.json", key: "infos" }, () => {})) if (text === "2") break;
    expect(isClosed).toBe(true);
  });
});
