import { z } from "zod";
import type { CollectionPart } from "../core/collection-name.ts";
import type { StorageLocation } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { GcPauseOutcome } from "../core/gc-pause.ts";
import { damaged } from "./damaged.ts";
import { MANIFEST_KEY } from "./keys.ts";
import { storageLocation } from "./storage-location.ts";

/** Our own record of a backup. Times are ISO 8601 in UTC. */
export interface Manifest {
  readonly formatVersion: 1;
  /** What wrote it. */
  readonly tool: { readonly name: string; readonly version: string };
  /** The run that made it, and no other backup: a copy has it as well. */
  readonly runId: string;
  /** The run that copies it here, as long as it does: the copy that is whole has the manifest of the first. */
  readonly copiedBy?: string | undefined;
  /** The backup's name. */
  readonly backup: string;
  /** Absent for a backup made without a policy. */
  readonly policy?: ManifestPolicy | undefined;
  readonly source: ManifestSource;
  /** The backup that objects were reused from. */
  readonly parent?: string | undefined;
  readonly mode: "full";
  readonly consistency: "flush" | "skip-flush" | "meta-only";
  /** The pause of Milvus's garbage collection, as it was when this was written; absent where none was wanted. */
  readonly gc?: GcPauseOutcome | undefined;
  readonly state: ManifestState;
  readonly startedAt: string;
  readonly finishedAt?: string | undefined;
  /** Why it is not complete. */
  readonly reason?: string | undefined;
  /** Of an encrypted backup; its names, schemas and the policy's config are then in meta/manifest.age only. */
  readonly encryption?: ManifestEncryption | undefined;
  readonly collections: readonly ManifestCollection[];
}

export interface ManifestEncryption {
  /** The public key of the backup's own data key. */
  readonly keyId: string;
  /** Those of the runs that went on with it, each of which sealed what it brought to a key of its own. */
  readonly furtherKeys?: readonly string[] | undefined;
  /** The age recipients that the data key was given to. */
  readonly recipients: readonly string[];
}

/** A running one whose lease is gone is interrupted; that is for its reader to say, and may be written. */
export type ManifestState = "running" | "complete" | "partial" | "failed" | "interrupted" | "deleting";

export interface ManifestPolicy {
  readonly name: string;
  readonly digest: string;
  /** A config that holds it and what it names, secrets by reference: of a disaster that took the repository, too. */
  readonly config?: unknown;
}

interface ManifestSource {
  /** Its name in the config. */
  readonly name: string;
  /** Where this Milvus keeps its segments. */
  readonly storage: StorageLocation;
  readonly milvusVersion: string;
  readonly address?: string | undefined;
}

export interface ManifestCollection {
  /** Decimal; "0" for one that was not found. */
  readonly id: string;
  readonly database: string;
  readonly name: string;
  readonly state: "complete" | "failed" | "missing" | "dropped";
  readonly reason?: string | undefined;
  /** Rows written, the deleted ones included. */
  readonly rows: number;
  readonly segments: number;
  readonly objects: number;
  readonly bytes: number;
  /** Of a collection that is in the backup with a part of its partitions only. */
  readonly partitions?: CollectionPart | undefined;
  /** Absent when it was not reached. */
  readonly capturedAt?: string | undefined;
  readonly flushedAt?: string | undefined;
  /** base64 of the protobuf schema.CollectionSchema as the server sent it, with all that the meta files cannot hold. */
  readonly schema?: string | undefined;
}

/** The collections that are in the backup: the others are named for why they are not. */
export function wholeIn({ collections }: Pick<Manifest, "collections">): Manifest["collections"] {
  return collections.filter(({ state }) => state === "complete");
}

/** Which of its partitions a collection is in the backup with; undefined when it is there with all. */
export function findPart(manifest: Manifest | undefined, collectionId: string): CollectionPart | undefined {
  return manifest?.collections.find(({ id }) => id === collectionId)?.partitions;
}

const FORMAT_VERSION = 1;

const text = z.string();
const time = z.iso.datetime();
const count = z.int().min(0);
/** They become part of keys. */
const publicKey = z.string().regex(/^age1[0-9a-z]{16,}$/);

const collection = z.object({
  id: z.string().regex(/^(?:0|[1-9][0-9]{0,18})$/),
  database: text,
  name: text,
  state: z.enum(["complete", "failed", "missing", "dropped"]),
  reason: text.optional(),
  rows: count,
  segments: count,
  objects: count,
  bytes: count,
  partitions: z.object({ taken: z.array(text), of: count }).optional(),
  capturedAt: time.optional(),
  flushedAt: time.optional(),
  schema: z.base64().optional(),
}) satisfies z.ZodType<ManifestCollection>;

const gc = z.object({
  mode: z.enum(["require", "prefer"]),
  state: z.enum(["held", "lapsed", "not-paused"]),
  pausedAt: time.optional(),
  lapsedAt: time.optional(),
  releasedAt: time.optional(),
  until: time.optional(),
  reason: text.optional(),
}) satisfies z.ZodType<GcPauseOutcome>;

const manifestSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  tool: z.object({ name: text, version: text }),
  runId: text.min(1),
  copiedBy: text.min(1).optional(),
  backup: text.min(1),
  policy: z.object({ name: text, digest: text, config: z.json().optional() }).optional(),
  source: z.object({ name: text, storage: storageLocation, milvusVersion: text, address: text.optional() }),
  parent: text.optional(),
  mode: z.literal("full"),
  consistency: z.enum(["flush", "skip-flush", "meta-only"]),
  gc: gc.optional(),
  state: z.enum(["running", "complete", "partial", "failed", "interrupted", "deleting"]),
  startedAt: time,
  finishedAt: time.optional(),
  reason: text.optional(),
  encryption: z
    .object({ keyId: text.min(1), furtherKeys: z.array(publicKey).optional(), recipients: z.array(text) })
    .optional(),
  collections: z.array(collection),
}) satisfies z.ZodType<Manifest>;

/** As it is stored: JSON that a person can read. */
export function encodeManifest(value: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(value), null, 2)}\n`;
}

/** BackupErrors: "refused" for the format of a newer release, "damaged" for what is no manifest. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value = parse(bytes);
  refuseNewer(value);
  const checked = manifestSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw damaged(
    { file: MANIFEST_KEY, path: issue?.path.join(".") },
    issue?.message ?? "it is no manifest",
    checked.error,
  );
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw damaged({ file: MANIFEST_KEY }, "it is not JSON in UTF-8", error);
    }
    throw error;
  }
}

function refuseNewer(value: unknown): void {
  const version = z.object({ formatVersion: z.number() }).safeParse(value).data?.formatVersion ?? 0;
  if (version <= FORMAT_VERSION) return;
  throw new BackupError(
    "refused",
    `Cannot read ${MANIFEST_KEY}: its format ${version} is newer than ${FORMAT_VERSION}`,
    {
      hint: "Use the release of milvus-backup that made this backup, or a later one",
      facts: { formatVersion: version },
    },
  );
}
