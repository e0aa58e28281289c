import { Buffer } from "node:buffer";
import { access, readdir } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSpool } from "../../src/engine/spool.ts";
import { readBytes } from "../../src/io/body.ts";
import type { ObjectBody } from "../../src/core/contracts/storage.ts";

const FRAME = { prefix: '{"name":"ü","list":[', suffix: "]}", empty: '{"name":"ü"}' };

const text = async (body: ObjectBody, offset?: number): Promise<string> =>
  Buffer.from(await readBytes(body.open(offset))).toString();

describe("openSpool()", () => {
  it("openSpool() puts elements, whole or in pieces, into their frame with commas between", async () => {
    await using spool = await openSpool("r1");
    await spool.addElement("full", ['{"a":', "1", "}"]);
    await spool.addElements("full", ["2", "3"]);
    await spool.addElements("full", []);
    await spool.addElement("full", ["4"]);
    expect(await text(await spool.body("full", FRAME))).toBe('{"name":"ü","list":[{"a":1},2,3,4]}');
  });

  it("openSpool() keeps lists apart, and gives an empty one in its own words", async () => {
    await using spool = await openSpool("r1");
    await spool.addElement("a", ["1"]);
    await spool.addElements("b", []);
    const bodies = await Promise.all(["a", "b", "never"].map((list) => spool.body(list, FRAME)));
    expect(await Promise.all(bodies.map((body) => text(body)))).toEqual([
      '{"name":"ü","list":[1]}',
      '{"name":"ü"}',
      '{"name":"ü"}',
    ]);
  });

  it("openSpool() gives bodies of the size that they say, which can be opened at any place", async () => {
    const lists = fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lists, fc.nat(60), async (elements, offset) => {
        await using spool = await openSpool("r1");
        for (const pieces of elements) await spool.addElement("l", pieces);
        const body = await spool.body("l", FRAME);
        const joined = elements.map((pieces) => pieces.join("")).join(",");
        const whole = Buffer.from(elements.length === 0 ? FRAME.empty : FRAME.prefix + joined + FRAME.suffix);
        expect([body.size, Buffer.from(await readBytes(body.open()))]).toEqual([whole.length, whole]);
        expect(Buffer.from(await readBytes(body.open(offset)))).toEqual(whole.subarray(offset));
      }),
      { numRuns: 40 },
    );
  });

  it("openSpool() keeps elements whole that are added at the same time", async () => {
    await using spool = await openSpool("r1");
    const elements = Array.from({ length: 40 }, (_, index) => [`[${index}`, `,${"x".repeat(0)}${index}`, "]"]);
    await Promise.all(elements.map((pieces) => spool.addElement("l", pieces)));
    const { list } = JSON.parse(await text(await spool.body("l", FRAME))) as { list: readonly (readonly number[])[] };
    expect(list.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual(elements.map((_, index) => [index, index]));
  });

  it("openSpool() does not give a list that an element broke off in, but the others", async () => {
    await using spool = await openSpool("r1");
    await spool.addElement("l", ["1"]);
    await spool.addElement("other", ["1"]);
    const broken = function* (): Generator<string> {
      yield '{"half":';
      throw new RangeError("no");
    };
    await expect(spool.addElement("l", broken())).rejects.toThrow("no");
    await expect(spool.body("l", FRAME)).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("Cannot make the l meta file"),
    });
    expect(await text(await spool.body("other", FRAME))).toBe('{"name":"ü","list":[1]}');
  });

  it("openSpool() takes no later element into such a list, which would hide that it is broken", async () => {
    await using spool = await openSpool("r1");
    const broken = function* (): Generator<string> {
      yield '{"half":';
      throw new RangeError("no");
    };
    await expect(spool.addElement("l", broken())).rejects.toThrow("no");
    await expect(spool.addElement("l", ["2"])).rejects.toMatchObject({ code: "failed" });
    await expect(spool.body("l", FRAME)).rejects.toMatchObject({ code: "failed" });
  });

  it("openSpool() removes its files when it is disposed, and shares its directory with nobody", async () => {
    const [one, two] = [await openSpool("r1"), await openSpool("r1")];
    expect(one.directory).not.toBe(two.directory);
    await one.addElement("l", ["1"]);
    expect(await readdir(one.directory)).toEqual(["l.list"]);
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    await expect(access(one.directory)).rejects.toThrow("ENOENT");
  });
});
