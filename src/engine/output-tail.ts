/** So much is kept as it was printed, and so much of it is shown. */
const KEPT_CHARACTERS = 64 * 1024;
const SHOWN_CHARACTERS = 4096;
/** Longer secrets are not reckoned with. */
const SECRET_CHARACTERS = 16 * 1024;

/** The end of a text that may be without end. */
export interface OutputTail {
  add(text: string): void;
  /** The last 4 KiB, secrets masked; undefined when nothing was said. */
  read(mask: (text: string) => string): string | undefined;
}

export function createOutputTail(): OutputTail {
  let kept = "";
  let isCut = false;
  return {
    add: (text) => {
      kept += text;
      if (kept.length <= 2 * KEPT_CHARACTERS) return; // cut seldom: every cut is a copy
      kept = kept.slice(-KEPT_CHARACTERS);
      isCut = true;
    },
    read: (mask) => {
      const masked = mask(kept);
      // what is left of a secret that was cut through is not known for one: it is at the very beginning
      const start = Math.max(isCut ? SECRET_CHARACTERS : 0, masked.length - SHOWN_CHARACTERS);
      return masked.slice(start).trim() || undefined;
    },
  };
}
