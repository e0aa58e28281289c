import { z } from "zod";

/** What a run leaves in its target while it has Milvus's garbage collection paused, so that others can end it should it die. */
export interface GcPauseRecord {
  readonly formatVersion: 1;
  readonly runId: string;
  /** Of the Milvus, without credentials. */
  readonly management: string;
  /** Of every pause that is not ended yet; null from a server that gives none. */
  readonly tickets: readonly (string | null)[];
  /** ISO 8601, UTC: when the last of them ends by itself. */
  readonly until: string;
  /** When the run was last known to be there; it looks after its pause every few minutes. */
  readonly aliveAt: string;
  /** Whose it is, where that can be said. */
  readonly process?: { readonly system: string; readonly pid: number } | undefined;
  /** The run has come to its end and could not end the pause. */
  readonly left?: boolean | undefined;
}

const record = z.object({
  formatVersion: z.literal(1),
  runId: z.string().min(1),
  management: z.string(),
  tickets: z.array(z.string().nullable()),
  until: z.iso.datetime(),
  aliveAt: z.iso.datetime(),
  process: z.object({ system: z.string(), pid: z.int() }).optional(),
  left: z.boolean().optional(),
}) satisfies z.ZodType<GcPauseRecord>;

export function encodeGcPause(value: GcPauseRecord): string {
  return `${JSON.stringify(record.parse(value), null, 2)}\n`;
}

/** Undefined for what is none: it tells nobody what could be ended, and every pause ends by itself. */
export function decodeGcPause(text: string): GcPauseRecord | undefined {
  try {
    return record.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
