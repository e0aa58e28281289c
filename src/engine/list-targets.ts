import type { TargetCatalog } from "../core/catch-up.ts";
import type { Catalogs } from "./catalogs.ts";
import { stayingOpen } from "./places.ts";
import type { ClosedTarget, OpenTarget } from "./places.ts";

/** What is in these targets, but for those further ones that cannot be looked at. */
export async function listTargets(
  first: OpenTarget,
  further: readonly ClosedTarget[],
  catalogs: Catalogs,
): Promise<readonly TargetCatalog[]> {
  const others = await Promise.all(
    further.map(async (target) => ({ name: target.name, entries: await catalogs.find(target) })),
  );
  const seen = others.flatMap(({ name, entries }) => (entries === undefined ? [] : [{ name, entries }]));
  return [{ name: first.name, entries: await catalogs.list(stayingOpen(first)) }, ...seen];
}
