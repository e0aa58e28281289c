/** A regular expression as it was written, without what a matcher would have to guess and take back for. */
export type Expression =
  | { readonly kind: "letter"; readonly has: (letter: string) => boolean }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly of: Expression; readonly min: number; readonly max: number };

const MAX_LENGTH = 1000;

/** The expression between the slashes; a SyntaxError says what is wrong with it, or not supported. */
export function parseExpression(source: string): Expression {
  if (source.length > MAX_LENGTH) throw new SyntaxError(`a regular expression has at most ${MAX_LENGTH} letters`);
  const withoutStart = source.startsWith("^") ? source.slice(1) : source; // it matches whole names anyway
  const isEnded = /(?:^|[^\\])(?:\\\\)*\$$/.test(withoutStart);
  const cursor: Cursor = { text: isEnded ? withoutStart.slice(0, -1) : withoutStart, at: 0 };
  const expression = parseChoice(cursor);
  if (cursor.at < cursor.text.length) throw new SyntaxError("a regular expression has a ) without its (");
  return expression;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function parseChoice(cursor: Cursor): Expression {
  const options = [parseSequence(cursor)];
  while (take(cursor, "|")) options.push(parseSequence(cursor));
  return { kind: "choice", options };
}

function parseSequence(cursor: Cursor): Expression {
  const parts: Expression[] = [];
  while (cursor.at < cursor.text.length && !/[|)]/.test(peek(cursor))) parts.push(parseRepeat(cursor));
  return { kind: "sequence", parts };
}

const REPEATS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["*", [0, Infinity]],
  ["+", [1, Infinity]],
  ["?", [0, 1]],
]);

function parseRepeat(cursor: Cursor): Expression {
  const of = parseAtom(cursor);
  const count = /^\{(\d{1,3})(?:(,)(\d{0,3}))?\}/.exec(cursor.text.slice(cursor.at));
  const [min, max] = count === null ? (REPEATS.get(peek(cursor)) ?? []) : boundsOf(count);
  if (min === undefined || max === undefined) return of;
  cursor.at += count === null ? 1 : count[0].length;
  if (/[*+?{]/.test(peek(cursor))) throw new SyntaxError(`a regular expression cannot repeat twice: ${peek(cursor)}`);
  return { kind: "repeat", of, min, max };
}

function boundsOf([, min = "", comma, max]: RegExpExecArray): readonly [number, number] {
  const last = comma === undefined ? Number(min) : Number(max || Infinity);
  if (last < Number(min)) throw new SyntaxError(`a regular expression cannot repeat ${min} to ${last} times`);
  return [Number(min), last];
}

function parseAtom(cursor: Cursor): Expression {
  const letter = next(cursor);
  if (letter === "(") return parseGroup(cursor);
  if (letter === "[") return parseClass(cursor);
  if (letter === "\\") return { kind: "letter", has: parseEscape(cursor) };
  if (letter === ".") return { kind: "letter", has: () => true };
  if (/[*+?{}^$\]/]/.test(letter))
    throw new SyntaxError(`a regular expression cannot have ${letter} here; \\${letter} is the letter`);
  return { kind: "letter", has: (other) => other === letter };
}

function parseGroup(cursor: Cursor): Expression {
  if (take(cursor, "?") && !take(cursor, ":")) {
    throw new SyntaxError("a regular expression has plain groups only: no (?=, (?! and (?<");
  }
  const group = parseChoice(cursor);
  if (!take(cursor, ")")) throw new SyntaxError("a regular expression has a ( without its )");
  return group;
}

const CLASSES: Readonly<Record<string, RegExp>> = { d: /\d/, D: /\D/, w: /\w/, W: /\W/, s: /\s/, S: /\S/ };

function parseEscape(cursor: Cursor): (letter: string) => boolean {
  const letter = next(cursor);
  const known = CLASSES[letter];
  if (known !== undefined) return (other) => known.test(other);
  if (/\w/.test(letter)) throw new SyntaxError(`a regular expression has no \\${letter} here: \\d, \\w, \\s and \\.`);
  return (other) => other === letter;
}

function parseClass(cursor: Cursor): Expression {
  const isNegated = take(cursor, "^");
  const members: ((letter: string) => boolean)[] = [];
  while (!take(cursor, "]")) members.push(parseMember(cursor));
  return { kind: "letter", has: (letter) => members.some((has) => has(letter)) !== isNegated };
}

/** A letter of a class, or from one to another. */
function parseMember(cursor: Cursor): (letter: string) => boolean {
  const first = next(cursor, "a regular expression has a [ without its ]");
  if (first === "\\") return parseEscape(cursor);
  const isRange = peek(cursor) === "-" && cursor.at + 1 < cursor.text.length && cursor.text[cursor.at + 1] !== "]";
  if (!isRange) return (letter) => letter === first;
  cursor.at += 1;
  const last = next(cursor);
  if (last < first || last === "\\") throw new SyntaxError(`a regular expression has no range ${first}-${last}`);
  return (letter) => first <= letter && letter <= last;
}

function peek({ text, at }: Cursor): string {
  return text[at] ?? "";
}

function take(cursor: Cursor, letter: string): boolean {
  if (peek(cursor) !== letter) return false;
  cursor.at += 1;
  return true;
}

function next(cursor: Cursor, problem = "a regular expression ends too early"): string {
  const letter = peek(cursor);
  if (letter === "") throw new SyntaxError(problem);
  cursor.at += 1;
  return letter;
}
