import { z } from "zod";
import type { CollectionName, CollectionPart } from "../core/collection-name.ts";
import type { PlannedObject } from "../core/copy-plan.ts";
import { damaged } from "./damaged.ts";
import { decodeMessage } from "./decode-message.ts";
import type { Line } from "./lines.ts";
import { splitLines } from "./lines.ts";
import { COLLECTION } from "./messages.ts";
import type { CollectionMeta } from "./meta.ts";
import { encodeCollection } from "./write-meta.ts";

/** What a collection's backup is made from, as a run keeps it for its resumption. */
export interface StoredCapture extends CaptureHead {
  readonly meta: CollectionMeta;
  readonly objects: readonly PlannedObject[];
}

/** The first line; the second one is the collection's meta, and each of the others an object. */
interface CaptureHead {
  readonly collection: CollectionName;
  /** base64 of the protobuf schema.CollectionSchema. */
  readonly schema: string;
  readonly segments: number;
  readonly rows: number;
  readonly bytes: number;
  /** A hybrid timestamp, decimal. */
  readonly flushedAt: string;
  /** ISO 8601, UTC. */
  readonly capturedAt: string;
  readonly notes: readonly string[];
  readonly part?: CollectionPart | undefined;
}

const text = z.string();
const count = z.int().min(0);

const headSchema = z.object({
  collection: z.object({ database: text, name: text }),
  schema: z.base64(),
  segments: count,
  rows: count,
  bytes: count,
  flushedAt: z.string().regex(/^[0-9]{1,20}$/),
  capturedAt: z.iso.datetime(),
  notes: z.array(text),
  part: z.object({ taken: z.array(text), of: count }).optional(),
  objects: count,
});

const objectSchema = z.object({ sourceKey: text, key: text, bytes: count }) satisfies z.ZodType<PlannedObject>;

/** Its text in pieces, each line with its newline. */
export function* encodeCapture({ meta, objects, ...head }: StoredCapture): Generator<string> {
  yield `${JSON.stringify(headSchema.parse({ ...head, objects: objects.length }))}\n`;
  yield* encodeCollection(meta, "as-is").full;
  yield "\n";
  for (const object of objects) yield `${JSON.stringify(objectSchema.parse(object))}\n`;
}

/** BackupError "damaged" with file and byte for anything else, or a capture cut short. */
export async function decodeCapture(chunks: AsyncIterable<Uint8Array>, file: string): Promise<StoredCapture> {
  const lines = splitLines(chunks, file);
  const head = decodeLine(headSchema, await nextLine(lines, file), file);
  const { text: metaText, offset } = await nextLine(lines, file);
  const meta = decodeMessage(COLLECTION, { text: metaText, file, offset });
  const objects: PlannedObject[] = [];
  for await (const line of lines) objects.push(decodeLine(objectSchema, line, file));
  if (objects.length !== head.objects) throw damaged({ file }, "it is cut short");
  return { ...head, meta, objects };
}

async function nextLine(lines: AsyncIterator<Line>, file: string): Promise<Line> {
  const next = await lines.next();
  if (next.done) throw damaged({ file }, "it is cut short");
  return next.value as Line; // a generator that is not done has yielded one
}

function decodeLine<S extends z.ZodType>(schema: S, { text: line, offset }: Line, file: string): z.output<S> {
  const checked = schema.safeParse(parse(line));
  if (checked.success) return checked.data;
  throw damaged({ file, offset }, "it is no line of a capture", checked.error);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
