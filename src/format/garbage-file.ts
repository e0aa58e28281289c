import { z } from "zod";
import type { GarbageCandidate } from "../core/garbage.ts";
import { CONTROL_DIRECTORY } from "./keys.ts";

/** What the last pass of a garbage collection found, a line each. Relative to the target's prefix. */
export const CANDIDATES_KEY: string = `${CONTROL_DIRECTORY}/gc/candidates.jsonl`;

const candidate = z.object({
  source: z.string().optional(),
  key: z.string().min(1),
  upload: z.string().optional(),
  bytes: z.int().min(0),
  etag: z.string().optional(),
  modifiedAt: z.iso.datetime().optional(),
  since: z.iso.datetime(),
}) satisfies z.ZodType<GarbageCandidate>;

export function encodeCandidates(candidates: readonly GarbageCandidate[]): string {
  return candidates.map((one) => `${JSON.stringify(candidate.parse(one))}\n`).join("");
}

/** A line that cannot be read is none: what it told of waits anew. */
export function decodeCandidates(text: string): readonly GarbageCandidate[] {
  return text.split("\n").flatMap((line) => findCandidate(line) ?? []);
}

function findCandidate(line: string): GarbageCandidate | undefined {
  if (line === "") return undefined;
  try {
    return candidate.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
