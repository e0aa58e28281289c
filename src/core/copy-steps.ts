import type { WantedEncryption } from "./copy-form.ts";
import type { CopyBackupStep, Estimate } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

/** A target that gets a copy of what is written to another. */
export interface FurtherTarget {
  readonly name: string;
  /** Why it was not written, although its turn was first. */
  readonly passedOver?: string | undefined;
  /** To whom it is encrypted there. */
  readonly encryption?: WantedEncryption;
}

interface CopySource {
  /** The target that is written. */
  readonly from: string;
  /** Of the backup; absent when nobody asked the source. */
  readonly estimate: Estimate | undefined;
}

/** A step for each further target; one that was passed over is tried once more. */
export function planCopies(
  targets: readonly FurtherTarget[],
  { from, estimate }: CopySource,
): readonly CopyBackupStep[] {
  return targets.map(({ name, passedOver, encryption }) => ({
    kind: "copy-backup",
    id: `copy to ${name}`,
    why: [
      passedOver === undefined ? "a further target of the policy" : "tried again, since it could not be written",
      `copied from ${from} once it is committed there`,
      ...(encryption ? [`encrypted to ${formatPlural(encryption.recipients.length, "recipient")}`] : []),
      ...(estimate === undefined ? [] : [`about ${formatBytes(estimate.bytes)}`]),
    ].join("; "),
    target: name,
    ...(estimate && { estimate }),
  }));
}

/** Every copy moves the bytes of the backup once more; its rows are the same ones. */
export function withCopies({ rows, bytes, requests }: Estimate, copies: number): Estimate {
  return { rows, bytes: bytes * (copies + 1), requests: requests * (copies + 1) };
}

export function describePassedOver(targets: readonly FurtherTarget[], written: string): readonly string[] {
  return targets.flatMap(({ name, passedOver }) =>
    passedOver === undefined ? [] : [`written to ${written}, since ${name} could not be: ${passedOver}`],
  );
}
