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
  return (text) => {
    let active = reach(states, [start]);
    for (const letter of text) {
      const steps = [...active].flatMap((index) => (states[index]?.has?.(letter) ? (states[index]?.next ?? []) : []));
      if (steps.length === 0) return false;
      active = reach(states, steps);
    }
    return active.has(END);
  };
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
