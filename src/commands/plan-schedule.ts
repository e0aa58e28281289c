import type { Plan } from "../core/plan.ts";
import type { OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { BackupRequest } from "./take-backup.ts";

const MEANINGS = {
  skip: "this one would be left out",
  queue: "this one would wait for its end",
  fail: "this one would fail",
} as const;

/** A plan that is only looked at, with when the policy is due next, and with the run of it that is under way now. */
export async function withSchedule(
  plan: Plan,
  { request, target }: { readonly request: BackupRequest; readonly target: OpenTarget },
  { now, signal }: Caller,
): Promise<Plan> {
  const { policy, schedule, source } = request;
  if (policy === undefined) return plan;
  const { findPolicyRun } = await import("../catalog/policy-lock.ts");
  const group = { policy: policy.name, source: source.source.name };
  const other = await findPolicyRun(target.storage, group, { signal });
  const meaning = MEANINGS[schedule?.overlap ?? "skip"];
  const shown = { ...plan, ...(other && { warnings: [...plan.warnings, `${other}; ${meaning}`] }) };
  if (schedule === undefined) return shown;
  const { scheduleTimes } = await import("../config/cron.ts");
  const { cron, timezone, overlap } = schedule;
  return { ...shown, schedule: { cron, timezone, overlap, next: scheduleTimes(schedule, now()).next } };
}
