import type { Notice } from "./notice.ts";

export interface Message {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts it; a status that is not 2xx is an error. Of the URL only where it goes is told: the path may be a secret. */
export async function post(url: string, { body, headers = {} }: Message, { signal, say }: Notice): Promise<void> {
  const { origin } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", body, headers, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`cannot reach ${origin}`, { cause });
  }
  const text = await response.text();
  if (response.ok) return;
  say(text);
  throw new Error(`${origin} answered ${response.status}`);
}
