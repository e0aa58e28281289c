import { expect, it } from "vitest";
import { pollUntil } from "../../src/io/poll-until.ts";
import { createFakeClock } from "../support/fake-clock.ts";

it("pollUntil() asks at the interval until there is an answer", async () => {
  const clock = createFakeClock();
  const check = async (): Promise<string | undefined> => (clock.now() >= 30 ? "ready" : undefined);
  await expect(pollUntil(check, { what: "it", intervalMs: 10, clock })).resolves.toBe("ready");
  expect(clock.sleeps).toEqual([10, 10, 10]);
});

it("pollUntil() asks soon at first, then less and less often", async () => {
  const clock = createFakeClock();
  const check = async (): Promise<string | undefined> => (clock.now() >= 200 ? "ready" : undefined);
  await expect(pollUntil(check, { what: "it", firstMs: 10, intervalMs: 50, clock })).resolves.toBe("ready");
  expect(clock.sleeps).toEqual([10, 13, 17, 22, 28, 35, 44, 50]);
});

it("pollUntil() asks once more at the deadline and says then what it waited for", async () => {
  const clock = createFakeClock(1000);
  const asked: number[] = [];
  const check = async (): Promise<undefined> => void asked.push(clock.now());
  const waiting = pollUntil(check, { what: "the flush", intervalMs: 2000, deadline: 6000, clock });
  await expect(waiting).rejects.toMatchObject({ code: "failed", message: "Gave up waiting for the flush after 5 s" });
  expect(asked).toEqual([1000, 3000, 5000, 6000]);
});

it("pollUntil() lets a failure of the check through", async () => {
  const check = async (): Promise<undefined> => {
    throw new Error("broken");
  };
  await expect(pollUntil(check, { what: "it", intervalMs: 1 })).rejects.toThrow("broken");
});

it("pollUntil() throws the signal's reason while it waits", async () => {
  const controller = new AbortController();
  const check = async (): Promise<undefined> => void setTimeout(() => controller.abort(new Error("stop")), 1);
  const waiting = pollUntil(check, { what: "it", intervalMs: 60_000, signal: controller.signal });
  await expect(waiting).rejects.toThrow("stop");
});
