import { z } from "zod";

const damage = z.object({
  collection: z.object({ database: z.string(), name: z.string() }).optional(),
  segment: z.string().optional(),
  key: z.string().optional(),
  message: z.string(),
  healedFrom: z.string().optional(),
});

const body = z.object({
  outcome: z.object({
    asked: z.array(z.string()).optional(),
    damage: z.array(damage).default([]),
    damageFound: z.number().default(0),
  }),
});

/** What a recorded check says of the damage that it left. */
export interface LeftDamage {
  /** Whom it asked for that, in vain; absent where it was not to heal. */
  readonly asked?: readonly string[] | undefined;
  /** A name for each, the same in every check that finds it; undefined where some was only counted. */
  readonly standing: ReadonlySet<string> | undefined;
}

/** Undefined for what cannot be read: as if it had never asked. */
export function findLeftDamage(text: string): LeftDamage | undefined {
  try {
    const outcome = body.safeParse(JSON.parse(text)).data?.outcome;
    if (outcome === undefined) return undefined;
    const standing = outcome.damage.filter(({ healedFrom }) => healedFrom === undefined);
    const isAllTold = outcome.damageFound === outcome.damage.length;
    return { asked: outcome.asked, standing: isAllTold ? new Set(standing.map(nameOf)) : undefined };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An object's damage is told in other words by another level. */
function nameOf({ collection, segment, key, message }: z.infer<typeof damage>): string {
  return key ?? JSON.stringify([collection, segment, message]);
}
