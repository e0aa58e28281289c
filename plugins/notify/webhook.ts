import { linesOf, titleOf } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { post } from "./post.ts";

export interface WebhookOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The facts and the outcome as JSON, and the same for people as `title` and `text`. */
export async function notifyWebhook({ url, headers }: WebhookOptions, notice: Notice): Promise<void> {
  const { facts, outcome } = notice;
  const body = JSON.stringify({ title: titleOf(notice), text: linesOf(notice).join("\n"), ...facts, outcome });
  await post(url, { body, headers: { "content-type": "application/json", ...headers } }, notice);
}
