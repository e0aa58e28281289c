import { BackupError } from "../core/errors.ts";
import type { LockBody } from "../format/lock.ts";
import type { Lock } from "./read-locks.ts";

/** Says who holds the target, where and since when. */
export function lockedBy({ key, name, body }: Lock): BackupError {
  const who = body === undefined ? `the lock ${key}` : `${article(body.kind)}${of(body)} ${describeHolder(body)}`;
  return new BackupError("locked", `The target is locked by ${who}`, {
    hint: `wait for its end; half an hour after it has died the lock counts no more, and milvus-backup unlock ${name} --force removes it at once`,
    facts: { key, runId: body?.runId ?? name },
  });
}

/** "(run 2026…) on nas1, process 4711, since 2026-…" */
export function describeHolder({ runId, host, pid, startedAt }: LockBody): string {
  return `(run ${runId}) on ${host}, process ${pid}, since ${startedAt}`;
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function of({ backup }: LockBody): string {
  return backup === undefined ? "" : ` of ${backup}`;
}
