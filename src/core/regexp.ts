import type { Expression } from "./regexp-syntax.ts";
import { parseExpression } from "./regexp-syntax.ts";

/** A place in the expression: what it takes, if anything, and where it goes from there. */
interface State {
  readonly has?: (letter: string) => boolean;
  next: readonly number[];
}

const MAX_STATES = 2000;
const END = 0;

/**
 * Whether a whole text matches. All ways through the expression are followed at once, so that no expression takes more
 * than states × letters steps: JavaScript's own RegExp would hang on a policy that has (a+)+b. A SyntaxError for what
 * is no expression.
 */
export function compileRegExp(source: string): (text: string) => boolean {
  const states: State[] = [{ next: [] }];
  const start = addStates(states, parseExpression(source), END);
  const placeOf = rememberPlaces(states);
  return (text) => {
    let place = placeOf([start]);
    for (const letter of text) place = step(states, place, { letter, placeOf });
    return place.active.has(END);
  };
}

/** All states that can be active at one moment, with where each letter has led from there so far. */
interface Place {
  readonly active: ReadonlySet<number>;
  /** Whether others may lead here: of the rest there can be too many to keep. */
  readonly isKept: boolean;
  readonly steps: Map<string, Place>;
}

type PlaceOf = (from: readonly number[]) => Place;

const MAX_PLACES = 1000;

/** Ten thousand names go the same few ways, which are then not worked out again. */
function rememberPlaces(states: readonly State[]): PlaceOf {
  const known = new Map<string, Place>();
  return (from) => {
    const key = [...new Set(from)].toSorted((a, b) => a - b).join(" ");
    const before = known.get(key);
    if (before !== undefined) return before;
    const isKept = known.size < MAX_PLACES;
    const place = { active: reach(states, from), isKept, steps: new Map() };
    if (isKept) known.set(key, place);
    return place;
  };
}

function step(
  states: readonly State[],
  place: Place,
  { letter, placeOf }: { readonly letter: string; readonly placeOf: PlaceOf },
): Place {
  const before = place.steps.get(letter);
  if (before !== undefined) return before;
  const taking = [...place.active].flatMap((index) => states[index] ?? []).filter(({ has }) => has?.(letter));
  const after = placeOf(taking.flatMap(({ next }) => next));
  if (after.isKept) place.steps.set(letter, after);
  return after;
}

/** What is reached without taking a letter. */
function reach(states: readonly State[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set(from);
  for (const index of reached) {
    const state = states[index];
    if (state === undefined || state.has !== undefined) continue;
    for (const next of state.next) reached.add(next); // a set that grows is walked to its end
  }
  return reached;
}

/** Adds an expression that goes on to `next`, and gives where it begins. */
function addStates(states: State[], expression: Expression, next: number): number {
  switch (expression.kind) {
    case "letter":
      return addState(states, { has: expression.has, next: [next] });
    case "sequence":
      // Of nothing it is a state, too, so that what is repeated without end is refused at some point.
      return expression.parts.reduceRight(
        (after, part) => addStates(states, part, after),
        addState(states, { next: [next] }),
      );
    case "choice":
      return addState(states, { next: expression.options.map((option) => addStates(states, option, next)) });
    case "repeat":
      return addRepeat(states, expression, next);
  }
}

function addRepeat(states: State[], { of, min, max }: Expression & { kind: "repeat" }, next: number): number {
  let start = next;
  if (max === Infinity) {
    const loop: State = { next: [] };
    start = addState(states, loop);
    loop.next = [addStates(states, of, start), next];
  } else {
    for (let times = min; times < max; times += 1) {
      start = addState(states, { next: [addStates(states, of, start), next] });
    }
  }
  for (let times = 0; times < min; times += 1) start = addStates(states, of, start);
  return start;
}

function addState(states: State[], state: State): number {
  if (states.length === MAX_STATES) throw new SyntaxError("a regular expression repeats too much to be worth it");
  return states.push(state) - 1;
}
