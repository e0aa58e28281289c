import { expect, it } from "vitest";
import type { ObjectBody } from "../../src/core/contracts/storage.ts";
import { exactBytes } from "../../src/core/exact-bytes.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length);

function bodyOf(size: number, chunks: readonly number[], onClose?: () => void): ObjectBody {
  return {
    size,
    async *open() {
      try {
        for (const length of chunks) yield bytes(length);
      } finally {
        onClose?.();
      }
    },
  };
}

async function lengthsOf(body: ObjectBody, signal?: AbortSignal): Promise<readonly number[]> {
  const lengths: number[] = [];
  for await (const chunk of exactBytes("key", body, signal)) lengths.push(chunk.length);
  return lengths;
}

it("exactBytes() gives the chunks of a body that has its size", async () => {
  expect(await lengthsOf(bodyOf(5, [2, 0, 3]))).toEqual([2, 0, 3]);
  expect(await lengthsOf(bodyOf(0, []))).toEqual([]);
});

it("exactBytes() throws corrupt and closes the body when there are more or fewer bytes", async () => {
  let closed = 0;
  const closing = (): void => void (closed += 1);
  await expect(lengthsOf(bodyOf(6, [2, 3], closing))).rejects.toMatchObject({
    code: "corrupt",
    message: 'Cannot write "key": 6 bytes were expected, 5 came',
  });
  await expect(lengthsOf(bodyOf(4, [2, 3, 9], closing))).rejects.toMatchObject({
    code: "corrupt",
    message: 'Cannot write "key": 4 bytes were expected, more came',
  });
  expect(closed).toBe(2);
});

it("exactBytes() throws aborted at once when the body hangs", async () => {
  const controller = new AbortController();
  const hanging: ObjectBody = {
    size: 2,
    async *open() {
      yield bytes(1);
      controller.abort(new Error("stopped by hand"));
      await new Promise(() => {});
    },
  };
  await expect(lengthsOf(hanging, controller.signal)).rejects.toMatchObject({
    code: "aborted",
    key: "key",
    cause: { message: "stopped by hand" },
  });
});

it("exactBytes() throws aborted when that happens while its reader is busy", async () => {
  const controller = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const _ of exactBytes("key", bodyOf(4, [1, 1, 1, 1]), controller.signal)) controller.abort();
  };
  await expect(reading()).rejects.toMatchObject({ code: "aborted" });
});

it("exactBytes() closes the body when its reader stops, and waits for that", async () => {
  let isClosed = false;
  const body = bodyOf(5, [2, 3], () => void (isClosed = true));
  for await (const _ of exactBytes("key", body, new AbortController().signal)) break;
  expect(isClosed).toBe(true);
});

it("exactBytes() does not open the body when it is aborted before", async () => {
  const body: ObjectBody = {
    size: 0,
    open: () => {
      throw new TypeError("opened");
    },
  };
  await expect(lengthsOf(body, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
});
