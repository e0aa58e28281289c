import type { PlannedCollection, PlannedTargets } from "./plan-file.ts";

/** What of the source has changed since a plan was made, a line each; nothing when it would be made the same again. */
export function findPlanChanges(
  planned: readonly PlannedCollection[],
  now: readonly PlannedCollection[],
): readonly string[] {
  const [before, after] = [byName(planned), byName(now)];
  const goneIds = new Map(
    planned.flatMap(({ id, collectionId }) =>
      after.has(id) || collectionId === undefined ? [] : [[collectionId, id]],
    ),
  );
  const renamed = new Map(
    now.flatMap(({ id, collectionId = "" }) => {
      const old = before.has(id) ? undefined : goneIds.get(collectionId);
      return old === undefined ? [] : [[old, id] as const];
    }),
  );
  const arrived = new Set(renamed.values());
  return [
    ...planned.flatMap((one) => changeOf(one, after.get(one.id), renamed.get(one.id))),
    ...now.filter(({ id }) => !before.has(id) && !arrived.has(id)).map(({ id }) => `+ ${id} is new and selected`),
  ];
}

/** What of the targets has changed: one that cannot be written any more, or can be again. */
export function findTargetChanges(planned: PlannedTargets, now: PlannedTargets): readonly string[] {
  const [before, after] = [
    [planned.target, ...planned.copies],
    [now.target, ...now.copies],
  ];
  return [
    ...(planned.target === now.target ? [] : [`~ ${now.target} is written first, not ${planned.target}`]),
    ...before.filter((name) => !after.includes(name)).map((name) => `- ${name} is no target any more`),
    ...after.filter((name) => !before.includes(name)).map((name) => `+ ${name} is a new target`),
  ];
}

function byName(collections: readonly PlannedCollection[]): ReadonlyMap<string, PlannedCollection> {
  return new Map(collections.map((collection) => [collection.id, collection]));
}

function changeOf(
  { id, collectionId, schema }: PlannedCollection,
  now: PlannedCollection | undefined,
  newName: string | undefined,
): readonly string[] {
  if (newName !== undefined) return [`~ ${id} is called ${newName} now`];
  if (now === undefined) return [`- ${id} is gone, or no longer selected`];
  if (now.collectionId === collectionId) return now.schema === schema ? [] : [`~ ${id} has another schema`];
  if (collectionId === undefined) return [`+ ${id} was missing, and is there`];
  if (now.collectionId === undefined) return [`- ${id} is gone`];
  return [`~ ${id} was dropped and made anew: it is collection ${now.collectionId}, not ${collectionId}`];
}
