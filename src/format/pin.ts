import { z } from "zod";
import type { Pin } from "../core/pin.ts";

const pin: z.ZodType<Pin> = z.object({
  at: z.string(),
  reason: z.string().optional(),
  until: z.iso.datetime().optional(),
  by: z.string().optional(),
});

/** When nobody can say since when it is pinned. */
const UNREADABLE: Pin = { at: "1970-01-01T00:00:00.000Z", reason: "the pin cannot be read" };

export function encodePin(value: Pin): string {
  return `${JSON.stringify(value)}\n`;
}

/** What cannot be read holds for ever: it was to keep something. */
export function decodePin(text: string): Pin {
  try {
    return pin.safeParse(JSON.parse(text)).data ?? UNREADABLE;
  } catch (error) {
    if (error instanceof SyntaxError) return UNREADABLE;
    throw error;
  }
}
