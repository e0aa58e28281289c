import { listKept } from "../catalog/kept-backups.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { Policy, Retention, StorageSettings } from "../core/contracts/config.ts";
import { allowedDeletions } from "../core/prune-guard.ts";
import { toRetention } from "../core/retention-defaults.ts";
import { decideRetention } from "../core/retention.ts";
import type { KeptBackup, Verdict } from "../core/retention.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { targetsOf } from "./workspace.ts";

/** What retention says of the backups of one policy in one target. */
export interface PruneDecision {
  readonly policy: string;
  readonly target: string;
  /** How many may go at once without being confirmed. */
  readonly allowed: number;
  readonly verdicts: readonly Verdict[];
}

/** Decides for every target of the policy that has retention; changes nothing. */
export async function showPrune(config: LoadedConfig, name: string, caller: Caller): Promise<readonly PruneDecision[]> {
  const policy = findPolicy(config, name);
  const places = targetsOf(config, policy);
  const decisions: PruneDecision[] = [];
  for (const [index, settings] of places.entries()) {
    const own = policy.targets[index]?.retention;
    if (own === undefined) continue;
    const retention = toRetention(own);
    const read = (from: StorageSettings): Promise<readonly KeptBackup[]> =>
      readGroup(config, { policy, adopt: retention.adopt, settings: from }, caller);
    const required = places.filter((place, at) => at !== index && retention.keepUntilCopied.includes(place.name));
    const copies = await Promise.all(required.map(async (place) => ({ place, has: await read(place) })));
    const backups = (await read(settings)).map((backup) => ({
      ...backup,
      missingIn: copies
        .filter(({ has }) => !has.some((other) => isCopy(other, backup)))
        .map(({ place }) => targetName(place)),
    }));
    decisions.push({ policy: name, target: targetName(settings), ...decide(backups, retention, caller) });
  }
  return decisions;
}

function decide(
  backups: readonly KeptBackup[],
  retention: Retention,
  { now }: Caller,
): Pick<PruneDecision, "allowed" | "verdicts"> {
  const verdicts = decideRetention(backups, retention, now().getTime());
  return { allowed: allowedDeletions(backups.length, retention.maxDelete), verdicts };
}

interface GroupPlace {
  readonly policy: Policy;
  readonly adopt: boolean;
  readonly settings: StorageSettings;
}

async function readGroup(
  config: LoadedConfig,
  { policy, adopt, settings }: GroupPlace,
  caller: Caller,
): Promise<readonly KeptBackup[]> {
  await using target = await openTarget(config, settings, caller);
  return await listKept(
    target.storage,
    { policy: policy.name, source: policy.source, adopt },
    { signal: caller.signal, now: caller.now },
  );
}

/** A copy has the name and the start of the first; one that is not whole is none. */
function isCopy(other: KeptBackup, { name, startedAt, state }: KeptBackup): boolean {
  return other.name === name && other.startedAt === startedAt && other.state === state && other.damaged === undefined;
}
