/** The rows nearest to a vector, found by looking at every one of them: what an index is compared with. */
export interface NearestRows {
  add(key: bigint | string, vector: Float32Array): void;
  /** The nearest first. */
  keys(): readonly string[];
}

/** undefined for a metric that is not known. */
export function createNearest(
  query: Float32Array,
  { metric, topK }: { metric: string; topK: number },
): NearestRows | undefined {
  const score = SCORES[metric.toUpperCase()];
  if (score === undefined) return undefined;
  let kept: { readonly key: string; readonly score: number }[] = [];
  let worst = Number.NEGATIVE_INFINITY;
  return {
    add: (key, vector) => {
      const value = score(query, vector);
      if (kept.length === topK && value <= worst) return;
      kept = [...kept, { key: String(key), score: value }].toSorted((a, b) => b.score - a.score).slice(0, topK);
      worst = kept.at(-1)?.score ?? worst;
    },
    keys: () => kept.map(({ key }) => key),
  };
}

/** How many of those that are nearest were found, from 0 to 1; 1 where there is none to be found. */
export function recallOf(exact: readonly string[], found: readonly string[]): number {
  if (exact.length === 0) return 1;
  const all = new Set(found);
  return exact.filter((key) => all.has(key)).length / exact.length;
}

type Score = (a: Float32Array, b: Float32Array) => number;

/** The higher, the nearer. */
const SCORES: Readonly<Record<string, Score>> = {
  L2: (a, b) => -sum(a, (value, index) => (value - (b[index] ?? 0)) ** 2),
  IP: dot,
  COSINE: (a, b) => dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1),
};

function dot(a: Float32Array, b: Float32Array): number {
  return sum(a, (value, index) => value * (b[index] ?? 0));
}

function sum(vector: Float32Array, term: (value: number, index: number) => number): number {
  let total = 0;
  for (let index = 0; index < vector.length; index++) total += term(vector[index] ?? 0, index);
  return total;
}
