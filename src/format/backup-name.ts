import { BackupError } from "../core/errors.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The longest part of a policy's name that leaves room for `_yyyyMMdd_HHmmss` in 128 bytes. */
const MAX_POLICY_LENGTH = 112;

/** The Go tool's rule: a letter or "_", then letters, digits and "_", 128 bytes at most. */
export function isBackupName(name: string): boolean {
  return NAME.test(name);
}

/** A BackupError "usage" for what can be no backup's name. */
export function checkBackupName(name: string): void {
  if (isBackupName(name)) return;
  throw new BackupError("usage", `${JSON.stringify(name.slice(0, 80))} cannot be a backup's name`, {
    hint: "a name has a letter or _ first, then letters, digits and _, 128 bytes at most",
  });
}

/** `{policy}_{UTC yyyyMMdd_HHmmss}`, with "_" for what a backup's name cannot have. */
export function toBackupName(policy: string, time: Date): string {
  const [date = "", clock = ""] = time.toISOString().split("T");
  if (date.length !== "yyyy-MM-dd".length) {
    throw new RangeError(`Cannot name a backup of ${date}: the year has not 4 digits`);
  }
  const stamp = `${date.replaceAll("-", "")}_${clock.slice(0, 8).replaceAll(":", "")}`;
  const letters = policy.replaceAll(/[^A-Za-z0-9_]/gu, "_").slice(0, MAX_POLICY_LENGTH);
  return `${/^[0-9]/.test(letters) ? "_" : ""}${letters}`.slice(0, MAX_POLICY_LENGTH) + `_${stamp}`;
}

/** What toBackupName() would have given a second later. A RangeError for what it did not give. */
export function nextBackupName(name: string): string {
  const [stamp = "", ...parts] = STAMP.exec(name) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (stamp === "") throw new RangeError(`${name} does not end with a time`);
  const next = toBackupName("_", new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1)));
  return `${name.slice(0, -stamp.length)}${next.slice(1)}`;
}

const STAMP = /_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;

/** Whether toBackupName() gave this name to a backup of the policy. */
export function isNameOfPolicy(name: string, policy: string): boolean {
  const stamp = STAMP.exec(name)?.[0];
  if (stamp === undefined) return false;
  return toBackupName(policy, new Date(0)).slice(0, -stamp.length) === name.slice(0, -stamp.length);
}
