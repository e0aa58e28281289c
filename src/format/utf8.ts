import { damaged } from "./damaged.ts";

/** JavaScript cannot hold a longer string. */
const MAX_BYTES = 2 ** 29 - 25;

/** Bytes gathered part by part, turned into text at the end. */
export interface Gathered {
  readonly offset: number;
  readonly bytes: number;
  push(part: Uint8Array): void;
  /** Throws when the bytes are not UTF-8. */
  text(): string;
}

/** The offset is where in the file the bytes begin. */
export function gather({ file, offset }: { readonly file: string; readonly offset: number }): Gathered {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  return {
    offset,
    get bytes() {
      return bytes;
    },
    push: (part) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_BYTES) throw damaged({ file, offset }, `what begins there has more than ${MAX_BYTES} bytes`);
    },
    text: () => {
      const joined = join(parts, bytes);
      const text = decode(joined);
      if (text === undefined) throw damaged({ file, offset: offset + validLength(joined) }, "it is not UTF-8");
      return text;
    },
  };
}

/** The text's length in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function join(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Undefined when it is not UTF-8. A byte order mark stays, as Go refuses it too. */
function decode(bytes: Uint8Array, isWhole = true): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isWhole });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** How many bytes from the start are UTF-8: found by halving, since a decoder does not say where it stopped. */
function validLength(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (decode(bytes.subarray(0, middle), false) === undefined) invalid = middle;
    else valid = middle;
  }
  return valid;
}
