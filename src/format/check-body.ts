import { z } from "zod";

const body = z.object({ outcome: z.object({ asked: z.array(z.string()).optional() }) });

/** Whom a recorded check asked for what is damaged; undefined where it was not to heal, and for what cannot be read. */
export function findAsked(text: string): readonly string[] | undefined {
  try {
    return body.safeParse(JSON.parse(text)).data?.outcome.asked;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // as if it had never asked: it is asked once more
    throw error;
  }
}
