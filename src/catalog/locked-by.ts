import { BackupError } from "../core/errors.ts";
import type { Lock } from "./read-locks.ts";

/** Says who holds the target, where and since when. */
export function lockedBy({ key, name, body }: Lock): BackupError {
  const who =
    body === undefined
      ? `the lock ${key}`
      : `${article(body.kind)} (run ${body.runId}) on ${body.host}, process ${body.pid}, since ${body.startedAt}`;
  return new BackupError("locked", `The target is locked by ${who}`, {
    hint: "wait for its end; a lock that nobody refreshes is taken over after half an hour",
    facts: { key, runId: body?.runId ?? name },
  });
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}
