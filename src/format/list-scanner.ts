/** Where a list is cut: its bracket, a comma between two elements, its closing bracket. */
interface Cut {
  /** The byte's index in the chunk. */
  readonly at: number;
  readonly kind: "open" | "comma" | "close";
}

export interface ListScanner {
  /** Chunks in order; the cuts of this one. */
  scan(chunk: Uint8Array): readonly Cut[];
  /** Whether every bracket and string so far is closed. */
  isClosed(): boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Longer than any key that is looked for. */
const MAX_TOKEN_BYTES = 64;

/**
 * Finds the elements of the list that an object has under a key (in any case, as Go), by brackets and strings alone:
 * whether it is JSON at all is left to whoever parses what was cut.
 */
export function createListScanner(key: string): ListScanner {
  const state: State = {
    key,
    depth: 0,
    isString: false,
    isEscaped: false,
    isListNext: false,
    isInList: false,
    token: "",
  };
  return {
    scan: (chunk) => {
      const cuts: Cut[] = [];
      for (let at = pass(state, chunk, 0); at < chunk.length; at = pass(state, chunk, at + 1)) {
        const kind = step(state, chunk[at] ?? 0);
        if (kind !== undefined) cuts.push({ at, kind });
      }
      return cuts;
    },
    isClosed: () => state.depth === 0 && !state.isString,
  };
}

interface State {
  readonly key: string;
  depth: number;
  isString: boolean;
  isEscaped: boolean;
  isListNext: boolean;
  isInList: boolean;
  /** The object's string that began last. */
  token: string;
}

type Step = (state: State, byte: number) => Cut["kind"] | undefined;

function step(state: State, byte: number): Cut["kind"] | undefined {
  return state.isString ? readString(state, byte) : STRUCTURE[byte]?.(state, byte);
}

/** What a byte outside strings does, by the byte. */
const STRUCTURE: Readonly<Record<number, Step>> = {
  [QUOTE]: startString,
  [COLON]: (state) => {
    state.isListNext = state.depth === 1 && state.token.toLowerCase() === state.key;
    return undefined;
  },
  [COMMA]: (state) => (state.isInList && state.depth === 2 ? "comma" : undefined),
  [OPEN_BRACE]: open,
  [OPEN_BRACKET]: open,
  [CLOSE_BRACE]: close,
  [CLOSE_BRACKET]: close,
};

const OUTSIDE_STRINGS = tableOf([QUOTE, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET]);
const IN_STRINGS = tableOf([QUOTE, BACKSLASH]);

function tableOf(bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}

/** Passes over the bytes that say nothing here, which most are. */
function pass({ isString, isEscaped, depth }: State, chunk: Uint8Array, from: number): number {
  if (isString && (isEscaped || depth === 1)) return from;
  const matters = isString ? IN_STRINGS : OUTSIDE_STRINGS;
  let at = from;
  while (at < chunk.length && matters[chunk[at] ?? 0] === 0) at++;
  return at;
}

function startString(state: State): undefined {
  state.isString = true;
  state.token = "";
}

function readString(state: State, byte: number): undefined {
  if (state.isEscaped) state.isEscaped = false;
  else if (byte === BACKSLASH) state.isEscaped = true;
  else if (byte === QUOTE) {
    state.isString = false;
    return undefined;
  }
  if (state.depth === 1 && state.token.length < MAX_TOKEN_BYTES) state.token += String.fromCharCode(byte);
  return undefined;
}

function open(state: State, byte: number): Cut["kind"] | undefined {
  const isList = state.depth === 1 && state.isListNext && byte === OPEN_BRACKET;
  state.depth++;
  state.isInList ||= isList;
  return isList ? "open" : undefined;
}

function close(state: State): Cut["kind"] | undefined {
  state.depth--;
  const isEnd = state.isInList && state.depth === 1;
  if (isEnd) state.isInList = false;
  return isEnd ? "close" : undefined;
}
