import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { Decrypter, Encrypter } from "age-encryption";
import { describe, expect, it } from "vitest";
import {
  makeDataKey,
  openBytes,
  openFile,
  plainBytes,
  sealBytes,
  sealedBytes,
  sealFile,
} from "../../src/seal/age-file.ts";
import { CHUNK_BYTES } from "../../src/seal/age-stream.ts";
import type { Whole } from "../../src/seal/age-stream.ts";

const SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5];

describe("sealFile()", () => {
  it.each(SIZES)("writes %i bytes as any age program reads them, at every offset", async (size) => {
    const { identity, recipient } = await makeDataKey();
    const bytes = randomBytes(size);
    const sealed = await sealFile(recipient, wholeOf(bytes));
    const file = await collect(sealed.open(0));
    expect(file.length).toBe(sealedBytes(size));
    expect(plainBytes(file.length)).toBe(size);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(Buffer.from(await decrypter.decrypt(file)).equals(bytes)).toBe(true);
    for (const offset of [1, 167, 168, 184, 185, 184 + CHUNK_BYTES, 184 + CHUNK_BYTES + 16, 184 + CHUNK_BYTES + 17]) {
      expect((await collect(sealed.open(offset))).equals(file.subarray(offset))).toBe(true);
    }
  });
});

describe("openFile()", () => {
  it.each(SIZES)("opens what age sealed of %i bytes, at every offset", async (size) => {
    const { identity, recipient } = await makeDataKey();
    const bytes = randomBytes(size);
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const opened = await openFile([identity], wholeOf(await encrypter.encrypt(bytes)));
    expect(opened.size).toBe(size);
    for (const offset of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 1]) {
      expect((await collect(opened.open(offset))).equals(bytes.subarray(offset))).toBe(true);
    }
  });

  it("refuses a file with a byte flipped or cut off at any chunk's edge", async () => {
    const { identity, recipient } = await makeDataKey();
    const file = await collect((await sealFile(recipient, wholeOf(randomBytes(2 * CHUNK_BYTES + 9)))).open(0));
    const edges = [0, 1, 2].flatMap((n) => [-1, 0, 1].map((d) => 184 + n * (CHUNK_BYTES + 16) + d));
    for (const at of [...edges, 0, 30, 100, file.length - 1]) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await expect(readWhole(identity, flipped), `flipped at ${at}`).rejects.toThrow(
        expect.objectContaining({ name: "SealError" }),
      );
      await expect(readWhole(identity, file.subarray(0, at)), `cut at ${at}`).rejects.toMatchObject({
        code: "damaged",
      });
    }
  });

  it("refuses another identity as denied", async () => {
    const [own, other] = [await makeDataKey(), await makeDataKey()];
    const file = await collect((await sealFile(own.recipient, wholeOf(randomBytes(10)))).open(0));
    await expect(readWhole(other.identity, file)).rejects.toMatchObject({ code: "denied" });
  });
});

describe("sealBytes()", () => {
  it("seals to several recipients, each of whom can open it alone", async () => {
    const [first, second, other] = [await makeDataKey(), await makeDataKey(), await makeDataKey()];
    const file = await sealBytes([first.recipient, second.recipient], Buffer.from("a key"));
    for (const { identity } of [first, second])
      expect(Buffer.from(await openBytes([other.identity, identity], file)).toString()).toBe("a key");
    await expect(openBytes([other.identity], file)).rejects.toMatchObject({ code: "denied" });
  });
});

async function readWhole(identity: string, file: Uint8Array): Promise<Buffer> {
  return collect((await openFile([identity], wholeOf(file))).open(0));
}

function wholeOf(bytes: Uint8Array): Whole {
  return {
    size: bytes.length,
    async *open(offset) {
      for (let at = offset; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
    },
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
