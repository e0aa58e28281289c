import type { SecretCall } from "../core/contracts/secret-provider.ts";
import { messageOf } from "../core/errors.ts";
import { unlessAborted } from "../io/unless-aborted.ts";
import type { SecretProviderPlugin } from "../plugin.ts";
import type { FetchedSecret } from "./fetch-secret.ts";

export interface ProviderCall extends Omit<SecretCall, "signal"> {
  readonly signal: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;

/**
 * What a provider answers, or why that is no secret; options are what its schema gave out. It is not waited for beyond
 * its time, whether or not it heeds the signal.
 */
export async function askProvider(
  plugin: SecretProviderPlugin,
  options: unknown,
  { signal, ...call }: ProviderCall,
): Promise<FetchedSecret> {
  const subject = `the secret provider ${plugin.name}`;
  const hint = `see that what stands beside provider: ${plugin.name} is right, and that it can be reached from here`;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
  const stop = signal === undefined ? patience.signal : AbortSignal.any([patience.signal, signal]);
  try {
    stop.throwIfAborted();
    const value: unknown = await unlessAborted(plugin.reveal(options, { ...call, signal: stop }), stop);
    if (typeof value === "string" && value !== "") return value;
    const fault = value === "" ? "gave an empty secret" : "gave no text";
    return { fault: `${subject} ${fault}`, hint };
  } catch (error) {
    signal?.throwIfAborted();
    if (!patience.signal.aborted) return { fault: `${subject} failed: ${messageOf(error)}`, hint };
    return { fault: `${subject} took more than ${TIMEOUT_MS / 1000} s`, hint };
  } finally {
    clearTimeout(timer);
  }
}
