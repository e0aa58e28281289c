import { listBackups } from "../catalog/list-backups.ts";
import type { TargetCatalog } from "../core/catch-up.ts";
import type { Call } from "../core/contracts/storage.ts";
import { toEventError } from "../core/event-error.ts";
import type { ClosedTarget, OpenTarget } from "./places.ts";

/** What is in these targets, but for those further ones that cannot be looked at. */
export async function listTargets(
  first: OpenTarget,
  further: readonly ClosedTarget[],
  call: Call,
): Promise<readonly TargetCatalog[]> {
  const others = await Promise.all(further.map((target) => listClosed(target, call)));
  return [{ name: first.name, entries: await listBackups(first.storage, call) }, ...others.flat()];
}

async function listClosed(target: ClosedTarget, call: Call): Promise<readonly TargetCatalog[]> {
  try {
    await using opened = await target.open();
    return [{ name: target.name, entries: await listBackups(opened.storage, call) }];
  } catch (error) {
    call.signal?.throwIfAborted();
    if (toEventError(error).code === "bug") throw error;
    return [];
  }
}
