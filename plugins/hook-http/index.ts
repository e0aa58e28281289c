import { z } from "zod";
import { defineHook } from "../../src/plugin.ts";
import type { HookContext, HookOutcome, HookPlugin } from "../../src/plugin.ts";

export interface HttpOptions {
  readonly url: string;
  /** POST. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The facts as JSON, unless the method has no body. */
  readonly body?: string | undefined;
}

const options = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "expected a URL with http or https" }),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]).default("POST"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
});

/** Sends a request; a status that is not 2xx is a failure. */
export const http: HookPlugin = defineHook({
  apiVersion: 1,
  name: "http",
  options,
  before: (context) => request(context),
  after: (context, outcome) => request(context, outcome),
});

async function request(
  { options: { url, method, headers, body }, facts, signal, say }: HookContext<z.output<typeof options>>,
  outcome?: HookOutcome,
): Promise<void> {
  const hasBody = method !== "GET" && method !== "HEAD";
  const told = body ?? JSON.stringify(outcome === undefined ? facts : { ...facts, outcome });
  const type = { "content-type": "application/json" };
  const response = await send(url, {
    method,
    headers: { ...type, ...headers },
    signal,
    ...(hasBody && { body: told }),
  });
  if (response.ok) return await response.body?.cancel();
  say(await response.text());
  throw new Error(`${new URL(url).origin} answered ${response.status}`);
}

/** Of the URL only where it goes: paths of webhooks are secrets. */
async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new Error(`cannot reach ${new URL(url).origin}`, { cause });
  }
}
