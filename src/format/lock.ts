import { z } from "zod";

/** What a lock says of its holder. */
export interface LockBody {
  readonly runId: string;
  /** What it does: "backup", "copy", "delete". */
  readonly kind: string;
  readonly backup?: string | undefined;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  /** An exclusive lock that was given back: its number stays taken. */
  readonly released?: boolean | undefined;
}

const lockBody: z.ZodType<LockBody> = z.object({
  runId: z.string(),
  kind: z.string(),
  backup: z.string().optional(),
  host: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  released: z.boolean().optional(),
});

export function encodeLock(body: LockBody): string {
  return JSON.stringify(body);
}

/** Undefined for what is no lock's body: somebody holds it all the same. */
export function findLockBody(text: string): LockBody | undefined {
  try {
    return lockBody.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
