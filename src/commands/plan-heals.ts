import { listDamaged } from "../catalog/damaged-backups.ts";
import type { DamagedBackup } from "../catalog/damaged-backups.ts";
import { readAsked } from "../catalog/read-asked.ts";
import type { AskedInVain } from "../catalog/read-asked.ts";
import type { BackupEntry } from "../catalog/entry.ts";
import { listMeta } from "../catalog/meta-files.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { isBackupError } from "../core/errors.ts";
import { planHeals, sourceDonor } from "../core/heal-plan.ts";
import type { FoundDamage, HealPlan } from "../core/heal-plan.ts";
import { toEventError } from "../core/event-error.ts";
import type { OpenTarget } from "../engine/places.ts";
import { META_KEYS } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import type { Caller } from "./caller.ts";
import type { OpenTargets } from "./open-targets.ts";
import type { BackupRequest } from "./take-backup.ts";

/** The steps that heal earlier backups of the policy in its targets. One that cannot be looked at now has its turn another time. */
export async function planDueHeals(
  { policy, source }: BackupRequest,
  targets: OpenTargets,
  caller: Caller,
): Promise<HealPlan> {
  if (policy === undefined) return { steps: [], warnings: [] };
  const { signal, now } = caller;
  const damaged = await inEach(targets, caller, ({ storage }) => lookForDamage(storage, { signal }));
  const names = new Set([...damaged.values()].flat().map(({ entry }) => entry.name));
  const copies =
    names.size === 0
      ? new Map<string, ReadonlyMap<string, Manifest>>()
      : await inEach(targets, caller, ({ storage }) => claimsOf(storage, names, { signal }));
  const found = [...damaged].flatMap(([target, own]) =>
    own.map((one) => toFound({ ...one, target }, { copies, source: source.source.name })),
  );
  return planHeals(found, { policy: policy.name, source: source.source.name, now: now() });
}

/** What is found in each of the targets that can be looked at, by the target's name. */
async function inEach<T>(
  { first, further }: OpenTargets,
  { signal }: Caller,
  look: (target: OpenTarget) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map([[first.name, await look(first)]]);
  for (const { open } of further) {
    try {
      await using target = await open();
      found.set(target.name, await look(target));
    } catch (error) {
      signal.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
    }
  }
  return found;
}

type SeenDamage = DamagedBackup & Partial<AskedInVain>;

async function lookForDamage(storage: Storage, call: Call): Promise<readonly SeenDamage[]> {
  const seen: SeenDamage[] = [];
  for (const one of await listDamaged(storage, call)) {
    if (one.entry.state === "interrupted" && !(await hasEnd(storage, one.entry.name, call))) continue;
    seen.push({ ...one, ...(await readAsked(storage, one, call)) });
  }
  return seen;
}

/** Of the two files that end a commit: without either nobody can tell whether it was one, and verify refuses it. */
async function hasEnd(storage: Storage, backup: string, call: Call): Promise<boolean> {
  const files = await listMeta(storage, backup, call);
  return files.has(META_KEYS.full) || files.has(META_KEYS.backup);
}

/** The manifests of those of these backups that became one there, by name. */
async function claimsOf(
  storage: Storage,
  names: ReadonlySet<string>,
  call: Call,
): Promise<ReadonlyMap<string, Manifest>> {
  const claims = new Map<string, Manifest>();
  for (const name of names) {
    const manifest = await findManifest(storage, name, call);
    if (manifest?.state === "complete" || manifest?.state === "partial") claims.set(name, manifest);
  }
  return claims;
}

/** One that cannot be read is the damage, or of no use. */
async function findManifest(storage: Storage, name: string, call: Call): Promise<Manifest | undefined> {
  try {
    return await readManifest(storage, name, call);
  } catch (error) {
    if (isBackupError(error) && (error.code === "damaged" || error.code === "refused")) return undefined;
    throw error;
  }
}

interface Known {
  readonly copies: ReadonlyMap<string, ReadonlyMap<string, Manifest>>;
  readonly source: string;
}

/** A backup whose own meta files are damaged is what its copies say that it is. */
function toFound(
  { entry, check, target, asked, askedAt }: SeenDamage & { readonly target: string },
  { copies, source }: Known,
): FoundDamage {
  const { name: backup } = entry;
  const own = copies.get(target)?.get(backup);
  const others = [...copies].filter(([name]) => name !== target);
  const isCopy = (manifest: Manifest | undefined): boolean =>
    manifest !== undefined && (own === undefined || manifest.runId === own.runId);
  const donors = others.filter(([, claims]) => isCopy(claims.get(backup))).map(([name]) => name);
  const facts = { backup, target, check, asked, askedAt, donors: [...donors, sourceDonor(source)] };
  const copy = own ?? others.map(([, claims]) => claims.get(backup)).find((manifest) => manifest !== undefined);
  return { ...facts, ...whatItIs(entry, { isOwn: own !== undefined, copy: donors.length > 0 ? copy : undefined }) };
}

/** What its own manifest says, else the copy's; one that is being made or deleted is what it is. */
function whatItIs(
  { state, policy, source }: BackupEntry,
  { isOwn, copy }: { readonly isOwn: boolean; readonly copy: Manifest | undefined },
): Pick<FoundDamage, "state" | "policy" | "source"> {
  const isTold = state === "running" || state === "deleting" || (policy !== undefined && !isOwn);
  if (isTold || copy === undefined) return { state, policy, source };
  return { state: copy.state, policy: copy.policy?.name, source: copy.source.name };
}
