import { z } from "zod";

/** What a lock says of its holder. */
export interface LockBody {
  readonly runId: string;
  /** What it does: "backup", "copy", "delete", "restore", "check". */
  readonly kind: string;
  readonly backup?: string | undefined;
  readonly policy?: string | undefined;
  readonly host: string;
  readonly pid: number;
  /** Which system the process id is of, where that is known: whoever runs there as well can tell whether it is gone. */
  readonly system?: string | undefined;
  readonly startedAt: string;
  /** An exclusive lock that was given back: its number stays taken. */
  readonly released?: boolean | undefined;
}

const lockBody: z.ZodType<LockBody> = z.object({
  runId: z.string(),
  kind: z.string(),
  backup: z.string().optional(),
  policy: z.string().optional(),
  host: z.string(),
  pid: z.number(),
  system: z.string().optional(),
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
