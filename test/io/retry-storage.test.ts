import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { ListEntry, Storage, StorageErrorCode } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { retryStorage, waitOutStore } from "../../src/io/retry-storage.ts";
import { collect } from "../support/collect.ts";
import { failingStorage } from "../support/failing-storage.ts";
import type { Operation } from "../support/failing-storage.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";

const error = (code: StorageErrorCode, retryAfterMs?: number): StorageError =>
  new StorageError(code, code, { retryAfterMs });

/** A storage whose first so many operations of a kind fail, with retries on a fake clock. */
function opened(kind: Operation["kind"], failures: readonly StorageError[]) {
  const storage = openMemory();
  const clock = createFakeClock();
  const left = [...failures];
  let asked = 0;
  const failing = failingStorage(storage, (operation) => {
    if (operation.kind !== kind) return undefined;
    asked += 1;
    return left.shift();
  });
  return { storage, clock, retrying: retryStorage(failing, clock), asked: () => asked };
}

const asks: readonly (readonly [Operation["kind"], (storage: Storage) => Promise<unknown>])[] = [
  ["stat", (storage) => storage.stat("a")],
  ["read", (storage) => storage.read("a")],
  ["write", (storage) => storage.write("b", bytesBody("2"))],
  ["delete", (storage) => storage.delete(["a"])],
  ["copy", async (storage) => storage.copyFrom?.(storage.location, { sourceKey: "a", key: "c" })],
  ["link", async (storage) => storage.link?.("a", "d")],
  ["list", (storage) => keysOf(storage)],
];

describe("retryStorage()", () => {
  it.each(asks)("retryStorage() repeats %s while the store is busy or away", async (kind, ask) => {
    const { storage, clock, retrying, asked } = opened(kind, [error("unavailable"), error("throttled", 3000)]);
    await writeAll(storage, { a: "1" });
    await ask(retrying);
    expect([asked(), clock.sleeps.length, clock.sleeps[1]]).toEqual([3, 2, 3000]);
  });

  it.each(asks)("retryStorage() gives up on %s after six tries, with the last failure", async (kind, ask) => {
    const failures = [1, 2, 3, 4, 5, 6, 7].map((number) => new StorageError("unavailable", `failure ${number}`));
    const { retrying, asked } = opened(kind, failures);
    await expect(ask(retrying)).rejects.toThrow("failure 6");
    expect(asked()).toBe(6);
  });

  it.each(asks)("retryStorage() does not repeat %s when that would not help", async (kind, ask) => {
    for (const code of ["denied", "missing", "corrupt", "full", "precondition", "locked"] as const) {
      const { clock, retrying, asked } = opened(kind, [error(code)]);
      await expect(ask(retrying)).rejects.toMatchObject({ code });
      expect([asked(), clock.sleeps]).toEqual([1, []]);
    }
  });

  it.each([{ ifAbsent: true }, { ifMatch: "1" }])(
    "retryStorage() does not repeat a write with %j",
    async (condition) => {
      const { retrying, asked } = opened("write", [error("unavailable")]);
      await expect(retrying.write("a", bytesBody("1"), condition)).rejects.toMatchObject({ code: "unavailable" });
      expect(asked()).toBe(1);
    },
  );

  it("retryStorage() stops waiting when the signal is aborted", async () => {
    const { storage } = opened("stat", []);
    const controller = new AbortController();
    const away = failingStorage(storage, () => error("unavailable"));
    const clock = { ...createFakeClock(), sleep: async () => controller.abort(new Error("stop")) };
    const stat = retryStorage(away, clock).stat("a", { signal: controller.signal });
    await expect(stat).rejects.toThrow("stop");
  });

  it("retryStorage() keeps place, abilities and closing of the storage, also of one that is a class", async () => {
    const memory = openMemory();
    let closed = 0;
    class Foreign {
      readonly #inner = memory;
      get location() {
        return this.#inner.location;
      }
      get capabilities() {
        return this.#inner.capabilities;
      }
      stat(key: string) {
        return this.#inner.stat(key);
      }
      read(key: string) {
        return this.#inner.read(key);
      }
      write: Storage["write"] = (key, body) => this.#inner.write(key, body);
      list(prefix: string) {
        return this.#inner.list(prefix);
      }
      delete(keys: readonly string[]) {
        return this.#inner.delete(keys);
      }
      canCopyFrom() {
        return this.#inner.capabilities.serverCopy;
      }
      async [Symbol.asyncDispose]() {
        closed += this.#inner.capabilities.link ? 1 : 0;
      }
    }
    const retrying = retryStorage(new Foreign());
    await retrying.write("a", bytesBody("1"));
    expect([retrying.location, retrying.capabilities]).toEqual([memory.location, memory.capabilities]);
    expect([await keysOf(retrying), retrying.canCopyFrom?.(memory.location), "link" in retrying]).toEqual([
      ["a"],
      true,
      false,
    ]);
    await retrying[Symbol.asyncDispose]();
    expect(closed).toBe(1);
  });
});

/** Gives so many entries of each listing, then fails; the last one comes through. */
function breakingAfter(storage: Storage, lengths: readonly number[]): Storage {
  const left = [...lengths];
  return {
    ...storage,
    async *list(prefix, options): AsyncGenerator<ListEntry> {
      let room = left.shift() ?? Number.POSITIVE_INFINITY;
      for await (const entry of storage.list(prefix, options)) {
        if (room === 0) throw error("unavailable");
        room -= 1;
        yield entry;
      }
      if (room === 0) throw error("unavailable");
    },
  };
}

it("retryStorage() gives a listing that breaks off anywhere as if it had not", async () => {
  const keys = fc.uniqueArray(fc.constantFrom("a", "a/1", "a/2", "a0", "b/1", "b/c/1", "b/c/2", "c", "ü", "\u{10000}"));
  const lengths = fc.array(fc.nat(3), { maxLength: 6 });
  const place = fc.constantFrom("", "a", "a/", "b/");
  const delimiter = fc.constantFrom(undefined, "/" as const);
  await fc.assert(
    fc.asyncProperty(keys, lengths, place, delimiter, async (...given) => {
      const [names, breaks, prefix, delimited] = given;
      const storage = openMemory();
      for (const name of names) await storage.write(name, bytesBody(""));
      const retrying = retryStorage(
        breakingAfter(
          storage,
          breaks.map((length) => length + 1),
        ),
        createFakeClock(),
      );
      const options = { delimiter: delimited };
      expect(await collect(retrying.list(prefix, options))).toEqual(await collect(storage.list(prefix, options)));
    }),
  );
});

it("retryStorage() starts a listing where the caller says, again after it broke off", async () => {
  const storage = openMemory();
  await writeAll(storage, { a: "", b: "", c: "", d: "" });
  const retrying = retryStorage(breakingAfter(storage, [0, 1, 1]), createFakeClock());
  const entries = await collect(retrying.list("", { startAfter: "a" }));
  expect(entries.map((entry) => entry.kind === "object" && entry.key)).toEqual(["b", "c", "d"]);
});

it("retryStorage() closes a listing that is left early", async () => {
  const storage = openMemory();
  let closed = 0;
  const watched: Storage = {
    ...storage,
    async *list(): AsyncGenerator<ListEntry> {
      try {
        for (const key of ["a", "b"]) yield { kind: "object", key, bytes: 0 };
      } finally {
        closed += 1;
      }
    },
  };
  for await (const _ of retryStorage(watched).list("")) break;
  expect(closed).toBe(1);
});

it("waitOutStore() waits at least as long as a store asks, and longer with each try", () => {
  expect(waitOutStore(error("throttled", 60_000), 1)).toBe(60_000);
  const waits = [1, 2, 3, 4, 5].map((tries) => waitOutStore(error("unavailable"), tries) ?? 0);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(150 * 2 ** index);
    expect(wait).toBeLessThanOrEqual(250 * 2 ** index);
  }
  expect([waitOutStore(error("unavailable"), 6), waitOutStore(new Error("x"), 1)]).toEqual([undefined, undefined]);
});
