import type { Lease } from "../catalog/lease.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { ClosedTarget, OpenSource, OpenTarget } from "./places.ts";
import type { TransferJob } from "./transfer-objects.ts";

/** What the checks of a run share. */
export interface CheckJob extends TransferJob {
  /** Every target that a step can name. */
  readonly targets: readonly ClosedTarget[];
  /** The leases that this run holds anyway, by target. */
  readonly leased?: ReadonlyMap<string, Pick<Lease, "guard">> | undefined;
  /** By its name in the plan; for spot checks and drills. */
  readonly openSource?: ((name: string) => Promise<OpenSource>) | undefined;
  /** Gives a storage as who has the identities sees an encrypted backup in it; the same one where nobody has any. */
  readonly unseal?: ((storage: Storage, backup: string) => Promise<Storage>) | undefined;
  /** Where the steps that repair take objects from; nothing is healed when absent. */
  readonly repair?: RepairPlaces | undefined;
}

/** Where an object of a backup may still be as it was. */
export interface RepairPlaces {
  /** Other targets that may have a copy of the backup. */
  readonly targets: readonly ClosedTarget[];
  /** The source that the backup was made of, where it is known. */
  readonly source?: { readonly name: string; open(): Promise<SegmentStorage> } | undefined;
}

/** Where a Milvus keeps its segments, without the Milvus. */
export type SegmentStorage = OpenTarget;

export function openByName(targets: readonly ClosedTarget[], name: string): Promise<OpenTarget> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new BackupError("not-found", `There is no target ${name} in this run`);
  return target.open();
}
