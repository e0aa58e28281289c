import { createHash } from "node:crypto";
import { BackupError } from "../core/errors.ts";
import type { ResumableBackup, ResumeSearch } from "../engine/find-resumable.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { BackupRequest } from "./take-backup.ts";

export type ResumeChoice = "auto" | "always" | "never";

/** --resume and --no-resume. */
export function chooseResume(resume: boolean | undefined): ResumeChoice {
  if (resume === undefined) return "auto";
  return resume ? "always" : "never";
}

/** The digest of what is asked for: the policy's, or that of selection and consistency. */
export function askedOf({ policy, select, consistency }: BackupRequest): string {
  if (policy !== undefined) return policy.digest;
  return createHash("sha256")
    .update(JSON.stringify([select, consistency]))
    .digest("hex");
}

interface Places {
  readonly source: OpenSource;
  readonly target: OpenTarget;
}

export interface Resumption {
  readonly resumed?: ResumableBackup | undefined;
  /** What is left alone, or taken up, and why. */
  readonly notices: readonly string[];
}

/** The interrupted backup that this request goes on with. BackupErrors "refused" when it was told to and cannot. */
export async function findResumed(
  request: BackupRequest,
  { source, target }: Places,
  { signal, now }: Caller,
): Promise<Resumption> {
  const { resume = "never", policy, backup, planned } = request;
  if (resume === "never" || (planned !== undefined && resume === "auto")) return { notices: [] };
  const { findResumable } = await import("../engine/find-resumable.ts");
  const { found, left } = await findResumable(target.storage, {
    ...(policy === undefined ? { backup } : { policy: policy.name }),
    asked: askedOf(request),
    source: source.segments.location,
    encryption: target.encryption || undefined,
    now: now(),
    isOrdered: resume === "always",
    signal,
  });
  if (found !== undefined) return { resumed: found, notices: [describeFound(found)] };
  if (resume === "always") throw nothingToResume(request, left, target.name);
  return { notices: left.map(({ backup: other, why }) => `${other} is not resumed: ${why}`) };
}

/** The same backup under the name that it has already, or a new one under its own; a policy's has the next that is free. */
export async function settleRequest(
  request: BackupRequest,
  { resumed, target }: Pick<Places, "target"> & Pick<Resumption, "resumed">,
  { signal }: Pick<Caller, "signal">,
): Promise<BackupRequest> {
  if (resumed === undefined && request.policy === undefined) return request;
  if (resumed === undefined) {
    const { findFreeName } = await import("../engine/take-name.ts");
    return { ...request, backup: await findFreeName(target.storage, request.backup, { signal }) };
  }
  const { runId, manifest, captured } = resumed;
  const { backup, startedAt } = manifest;
  return { ...request, backup, resumed: { runId, startedAt, captured: captured.length } };
}

function describeFound({ runId, manifest }: ResumableBackup): string {
  return `${manifest.backup} is resumed: the run ${runId} began it at ${manifest.startedAt} and did not finish it`;
}

function nothingToResume({ policy, backup }: BackupRequest, left: ResumeSearch["left"], target: string): BackupError {
  const what = policy === undefined ? backup : `a backup of ${policy.name}`;
  if (left.length === 0) {
    return new BackupError("refused", `Cannot resume ${what}: ${target} has none that was interrupted`, {
      hint: "run it without --resume for a new one",
    });
  }
  const reasons = left.map((one) => `${one.backup}: ${one.why}`).join("; ");
  return new BackupError("refused", `Cannot resume ${what} in ${target}: ${reasons}`, {
    hint: "run it with --no-resume for a new one; milvus-backup delete NAME removes what is left of an old one",
    facts: { left },
  });
}
