import type { KeyPath } from "./problem.ts";

/** Rebuilds plain data. What `replace` gives stands for the value; where it gives undefined, its parts are looked at. */
export function mapData(
  data: unknown,
  replace: (value: unknown, path: KeyPath) => unknown,
  path: KeyPath = [],
): unknown {
  const replaced = replace(data, path);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(data)) return data.map((item, index) => mapData(item, replace, [...path, index]));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, mapData(item, replace, [...path, key])]));
}

/** What is at a path of plain data, or undefined. */
export function valueAt(data: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (holder, key) =>
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, key)
        ? Reflect.get(holder, key)
        : undefined,
    data,
  );
}
