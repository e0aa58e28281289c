import { isBad, linesOf, titleOf } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { post } from "./post.ts";

export interface SlackOptions {
  readonly url: string;
  readonly channel?: string | undefined;
}

/** Its markup is three characters; names of collections have none of them, messages of errors may. */
export async function notifySlack({ url, channel }: SlackOptions, notice: Notice): Promise<void> {
  const sign = isBad(notice) ? ":red_circle:" : notice.outcome === undefined ? ":hourglass:" : ":white_check_mark:";
  const text = [`${sign} *${escape(titleOf(notice))}*`, ...linesOf(notice).map(escape)].join("\n");
  const body = JSON.stringify({ text, ...(channel !== undefined && { channel }) });
  await post(url, { body, headers: { "content-type": "application/json" } }, notice);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
