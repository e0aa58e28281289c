import { Buffer } from "node:buffer";

const PLAIN = /^[\x20-\x7e]*$/;

/** A header is one line of ASCII: anything else goes as RFC 2047 has it, which mail programs and ntfy read. */
export function toHeader(text: string): string {
  return PLAIN.test(text) ? text : toWords(text).join(" ");
}

/** A word has at most 75 characters, and no character is cut. */
const WORD_BYTES = 45;

function toWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((each) => `=?UTF-8?B?${Buffer.from(each, "utf8").toString("base64")}?=`);
}
