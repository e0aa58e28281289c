import { z } from "zod";
import { defineHook } from "../../src/plugin.ts";
import type { HookPlugin } from "../../src/plugin.ts";
import { notifyHealthchecks } from "./healthchecks.ts";
import { notifyNtfy } from "./ntfy.ts";
import { notifySendmail } from "./sendmail.ts";
import { notifySlack } from "./slack.ts";
import type { Notice } from "./notice.ts";
import { notifyWebhook } from "./webhook.ts";

export type NotifyOptions =
  | {
      readonly format: "webhook";
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** An incoming webhook of Slack, or of what takes its format (Mattermost, Rocket.Chat). */
  | { readonly format: "slack"; readonly url: string; readonly channel?: string | undefined }
  /** A check of healthchecks.io: start, success and fail. */
  | { readonly format: "healthchecks"; readonly url: string }
  /** A topic of ntfy. */
  | { readonly format: "ntfy"; readonly url: string; readonly token?: string | undefined }
  /** Mail by a command that takes it as sendmail does; `/usr/sbin/sendmail -t -i` when absent. */
  | {
      readonly format: "sendmail";
      readonly to: readonly string[];
      readonly from?: string | undefined;
      readonly command?: readonly string[] | undefined;
    };

const url = z.url({ protocol: /^https?$/, error: "expected a URL with http or https" });
const address = z.string().regex(/^[^\s,<>]+@[^\s,<>]+$/, "expected an address such as ops@example.org");

const options = z.discriminatedUnion("format", [
  z.strictObject({ format: z.literal("webhook"), url, headers: z.record(z.string(), z.string()).default({}) }),
  z.strictObject({ format: z.literal("slack"), url, channel: z.string().min(1).optional() }),
  z.strictObject({ format: z.literal("healthchecks"), url }),
  z.strictObject({ format: z.literal("ntfy"), url, token: z.string().min(1).optional() }),
  z.strictObject({
    format: z.literal("sendmail"),
    to: z.array(address).min(1),
    from: address.optional(),
    command: z.array(z.string().min(1)).min(1).default(["/usr/sbin/sendmail", "-t", "-i"]),
  }),
]);

/** Tells people or a monitor how a run went; around it, also that it begins. */
export const notify: HookPlugin = defineHook({
  apiVersion: 1,
  name: "notify",
  options,
  before: ({ options: given, ...context }) => send(given, context),
  after: ({ options: given, ...context }, outcome) => send(given, { ...context, outcome }),
});

async function send(given: z.output<typeof options>, notice: Notice): Promise<void> {
  switch (given.format) {
    case "webhook":
      return notifyWebhook(given, notice);
    case "slack":
      return notifySlack(given, notice);
    case "healthchecks":
      return notifyHealthchecks(given, notice);
    case "ntfy":
      return notifyNtfy(given, notice);
    case "sendmail":
      return notifySendmail(given, notice);
  }
}
