import { z } from "zod";
import { damaged } from "./damaged.ts";
import { splitLines } from "./lines.ts";
import type { Line } from "./lines.ts";
import { parsePayloadKey } from "./payload-keys.ts";

/** An object of a backup, as it was when it was written. */
export interface ObjectEntry {
  /** Relative to the backup's directory. */
  readonly key: string;
  /** Of the object in Milvus; stored has those in the target where they differ. */
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256?: string | undefined;
  /** Only where the target's etag is the MD5 of the bytes. */
  readonly etag?: string | undefined;
  /** The earlier backup whose object this is. */
  readonly from?: string | undefined;
  readonly stored?: StoredForm | undefined;
}

/** What the target holds where that is not the object's own bytes. */
export interface StoredForm {
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: string;
  readonly keyId: string;
}

const size = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const entry = z.object({
  key: z.string().refine((key) => parsePayloadKey(key) !== undefined, "not the key of a segment's object"),
  bytes: size,
  sha256: sha256.optional(),
  etag: z.string().min(1).optional(),
  from: z.string().min(1).optional(),
  stored: z.object({ bytes: size, sha256, encoding: z.string().min(1), keyId: z.string() }).optional(),
}) satisfies z.ZodType<ObjectEntry>;

/** A line, its newline included. */
export function encodeObjectLine(value: ObjectEntry): string {
  return `${JSON.stringify(entry.parse(value))}\n`;
}

/** Reads a list that has been unpacked; BackupError "damaged" with file and byte for anything else, or a list cut short. */
export async function* readObjectLines(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<ObjectEntry> {
  for await (const line of splitLines(chunks, file)) yield decodeLine(line, file);
}

function decodeLine({ text, offset }: Line, file: string): ObjectEntry {
  const checked = entry.safeParse(parse({ text, offset }, file));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw damaged({ file, offset, path: issue?.path.join(".") }, issue?.message ?? "it is no entry", checked.error);
}

function parse({ text, offset }: Line, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged({ file, offset }, "it is not JSON", error);
    throw error;
  }
}
