/** One of those that do the same work. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Clears away what an earlier turn left; it is not timed. */
  readonly prepare?: () => Promise<void>;
}

/** What our median must keep to: so many times a peer's and so many seconds more, or so many seconds. */
export type Bound =
  | { readonly times: number; readonly peer: string; readonly plusSeconds: number; readonly plusWhat: string }
  | { readonly seconds: number; readonly what: string };

/** The same work done by us and by others in turn. */
export interface Contest {
  readonly name: string;
  /** What is done, with its size. */
  readonly work: string;
  readonly ours: Contender;
  readonly peers: readonly Contender[];
  readonly bounds: readonly Bound[];
}

export interface Turn {
  readonly seconds: number;
  readonly peakBytes: number;
}

export interface Standing {
  readonly name: string;
  readonly command: readonly string[];
  readonly turns: readonly Turn[];
}

export interface ContestResult {
  readonly contest: Contest;
  /** Ours first. */
  readonly standings: readonly [Standing, ...Standing[]];
}

/** Of an even number of values the higher one in the middle. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("Cannot tell the median of no values");
  return middle;
}

/** The seconds that a bound allows, by the medians of this very run. */
export function allowedSeconds(bound: Bound, standings: readonly Standing[]): number {
  if ("seconds" in bound) return bound.seconds;
  const peer = standings.find(({ name }) => name === bound.peer);
  if (peer === undefined) throw new TypeError(`No ${bound.peer} takes part`);
  return bound.times * median(peer.turns.map(({ seconds }) => seconds)) + bound.plusSeconds;
}
