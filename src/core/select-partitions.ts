import type { CollectionName } from "./collection-name.ts";
import type { Selection } from "./contracts/selection.ts";
import { compileSelection } from "./select.ts";

/** Gives of each collection the globs of the partitions that are taken of it: undefined when it is taken whole. */
export function compilePartitions({
  partitions = {},
}: Selection): (collection: CollectionName) => readonly string[] | undefined {
  const entries = Object.entries(partitions).map(([pattern, globs]) => ({
    decide: compileSelection({ include: [pattern], exclude: [] }),
    globs,
  }));
  return (collection) => {
    const matching = entries.filter(({ decide }) => decide(collection).isSelected);
    return matching.length === 0 ? undefined : [...new Set(matching.flatMap(({ globs }) => globs))];
  };
}
