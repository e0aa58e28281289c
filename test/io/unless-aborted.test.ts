import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { unlessAborted } from "../../src/io/unless-aborted.ts";

const never = new Promise<never>(() => {});

it("unlessAborted() gives what the work gives, and leaves nothing at the signal", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("unlessAborted() throws the reason of a signal that aborts meanwhile, or has", async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(unlessAborted(never, controller.signal)).rejects.toThrow("enough");
});
