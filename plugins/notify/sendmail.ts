import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { toHeader } from "./header.ts";
import { linesOf, titleOf } from "./notice.ts";
import type { Notice } from "./notice.ts";

export interface SendmailOptions {
  readonly to: readonly string[];
  readonly from?: string | undefined;
  readonly command: readonly string[];
}

/** Hands a mail to a command on its standard input; recipients are read from its header (-t). */
export async function notifySendmail({ to, from, command }: SendmailOptions, notice: Notice): Promise<void> {
  const mail = [
    `To: ${to.join(", ")}`,
    ...(from === undefined ? [] : [`From: ${from}`]),
    `Subject: ${toHeader(titleOf(notice))}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "Auto-Submitted: auto-generated",
    "",
    ...toBase64(`${linesOf(notice).join("\n")}\n`),
    "",
  ];
  await pipeTo(command, mail.join("\n"), notice);
}

function pipeTo([program = "", ...args]: readonly string[], mail: string, { signal, env, say }: Notice): Promise<void> {
  const child = spawn(program, args, { signal, env: { ...env }, stdio: "pipe" });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => say(bytes.toString("utf8")));
  child.stdin.on("error", () => {}); // its exit status says more than EPIPE
  child.stdin.end(mail);
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(`cannot run ${program} (${error.code ?? error.message})`, { cause: error }));
    });
    child.on("close", (code, by) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code === null ? by : `exit status ${code}`}`));
    });
  });
}

/** Lines of 76 characters: longer ones are cut by some servers. */
function toBase64(text: string): readonly string[] {
  return (
    Buffer.from(text, "utf8")
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  );
}
