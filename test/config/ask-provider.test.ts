import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { askProvider } from "../../src/config/ask-provider.ts";
import type { SecretCall, SecretProviderPlugin } from "../../src/plugin.ts";
import { defineSecretProvider } from "../../src/plugin.ts";

afterEach(() => void vi.useRealTimers());

const call = { directory: "/config", env: { A: "a" }, signal: undefined };

const provider = (reveal: (options: unknown, given: SecretCall) => Promise<string>): SecretProviderPlugin =>
  defineSecretProvider({ apiVersion: 1, name: "vault", options: z.unknown(), reveal });

it("askProvider() gives what the provider answers", async () => {
  const echo = provider(async (options, { directory, env }) => JSON.stringify({ options, directory, env }));
  expect(await askProvider(echo, { path: "x" }, call)).toBe(
    JSON.stringify({ options: { path: "x" }, directory: "/config", env: { A: "a" } }),
  );
});

it("askProvider() gives up after 30 s, also when the provider does not heed its signal", async () => {
  vi.useFakeTimers();
  const signals: AbortSignal[] = [];
  const deaf = provider(async (_, { signal }) => {
    signals.push(signal);
    return new Promise<never>(() => {});
  });
  const asked = askProvider(deaf, {}, call);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  await vi.advanceTimersByTimeAsync(1);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await asked).toEqual({
    fault: "the secret provider vault took more than 30 s",
    hint: "see that what stands beside provider: vault is right, and that it can be reached from here",
  });
  expect(vi.getTimerCount()).toBe(0);
});

it("askProvider() does not ask when the run is stopped already", async () => {
  let times = 0;
  const counting = provider(async () => String((times += 1)));
  const reason = new Error("stopped");
  const asked = askProvider(counting, {}, { ...call, signal: AbortSignal.abort(reason) });
  await expect(asked).rejects.toBe(reason);
  expect(times).toBe(0);
});

it("askProvider() tells what a provider throws that is not async", async () => {
  const broken = provider(() => {
    throw new TypeError("no url");
  });
  expect(await askProvider(broken, {}, call)).toMatchObject({ fault: "the secret provider vault failed: no url" });
});
