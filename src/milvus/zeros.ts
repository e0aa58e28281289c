type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the values that the Go tool's JSON leaves out: "", 0, false, [], {} and what is undefined. */
export function withoutZeros<T extends object>(values: T): Present<T> {
  const kept = Object.entries(values).filter(([, value]) => !isZero(value));
  return Object.fromEntries(kept) as Present<T>; // a subset of T's own entries
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === "" || value === 0 || value === 0n || value === false;
}
