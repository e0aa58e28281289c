import type { z } from "zod";
import type { KeyPath } from "./problem.ts";

/** The keys that a schema allows at a path: an exported schema no longer shows its shape, but still holds it. */
export function findKeys(schema: z.ZodType, path: KeyPath): readonly string[] {
  const start: readonly z.core.$ZodType[] = [schema];
  const holders = path.reduce((schemas, key) => schemas.flatMap((each) => step(each, key)), start);
  const keys = holders.flatMap(unwrap).flatMap((each) => {
    const def = definitionOf(each);
    return def.type === "object" ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

function step(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  return unwrap(schema).flatMap((each) => {
    const def = definitionOf(each);
    if (def.type === "array") return [def.element];
    if (def.type === "record") return [def.valueType];
    const child = def.type === "object" && typeof key === "string" ? def.shape[key] : undefined;
    return child === undefined ? [] : [child];
  });
}

/** What is inside optional, default and the like; every way of a union. */
function unwrap(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definitionOf(schema);
  if (def.type === "union") return def.options.flatMap(unwrap);
  if ("innerType" in def) return unwrap(def.innerType);
  return [schema];
}

/** zod types a schema as its base only; by `def.type` it is one of these. */
function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes["_zod"]["def"] {
  return (schema as z.core.$ZodTypes)._zod.def;
}
