import { toHeader } from "./header.ts";
import { isBad, linesOf, titleOf } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { post } from "./post.ts";

export interface NtfyOptions {
  readonly url: string;
  readonly token?: string | undefined;
}

/** A message to a topic; what went wrong comes with a high priority. */
export async function notifyNtfy({ url, token }: NtfyOptions, notice: Notice): Promise<void> {
  const headers = {
    title: toHeader(titleOf(notice)),
    priority: isBad(notice) ? "high" : "default",
    tags: isBad(notice) ? "rotating_light" : notice.outcome === undefined ? "hourglass" : "white_check_mark",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  await post(url, { body: linesOf(notice).join("\n"), headers }, notice);
}
