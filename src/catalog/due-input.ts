import type { Call, Storage } from "../core/contracts/storage.ts";
import type { CheckRule } from "../core/contracts/checks.ts";
import type { DueInput } from "../core/due-checks.ts";
import { isNameOfPolicy } from "../format/backup-name.ts";
import { listChecks } from "./checks.ts";
import { listBackups } from "./list-backups.ts";

export interface DueQuery extends Call {
  readonly policy: string;
  readonly rules: readonly CheckRule[];
  /** The backup that is being made: then earlier ones are listed only where a rule has a look at them. */
  readonly making?: string | undefined;
}

/** What a target knows of a policy's checks: any host that can read it can tell what is due. */
export async function readDueInput(
  storage: Storage,
  { policy, rules, making, ...call }: DueQuery,
): Promise<Pick<DueInput, "backups" | "records">> {
  const checks = [...(await listChecks(storage, call)).values()].flat();
  const records = checks.filter(({ backup }) => isNameOfPolicy(backup, policy));
  if (making !== undefined && rules.every(({ newest = 1 }) => newest === 1)) return { backups: [making], records };
  const entries = (await listBackups(storage, call)).filter(
    (entry) => entry.policy === policy && (entry.state === "complete" || entry.state === "partial"),
  );
  const names = entries.map(({ name }) => name);
  return { backups: making === undefined ? names : [making, ...names], records };
}
