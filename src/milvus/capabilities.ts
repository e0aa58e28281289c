import { isAtLeast, type MilvusVersion } from "./version.ts";

export const OLDEST_SUPPORTED = "2.2.9";
/** The first release that nobody tried this tool with. */
export const FIRST_UNTRIED = "2.7.0";

interface Span {
  readonly since?: string;
  /** The first release that no longer has it. */
  readonly until?: string;
}

/** What a server can, by its version: asked nowhere else, since "no error" proves nothing. */
const SPANS = {
  /** DescribeDatabase: ids and properties of databases. */
  describeDatabase: { since: "2.4.3" },
  /** BackupRBAC and RestoreRBAC. */
  rbac: { since: "2.4.10" },
  /** GET /management/datacoord/garbage_collection/pause; 404 before. */
  gcPause: { since: "2.3.6" },
  /** That pause by collection, with a ticket to end it. */
  gcPauseByCollection: { since: "2.6.8" },
  /** FlushAll with a time tick by channel. */
  flushAll: { since: "2.6.11" },
  /** Deletes in L0 segments. */
  l0Segments: { since: "2.4.0" },
  /** GetPersistentSegmentInfo tells the level; before, an L0 segment is one without insert logs. */
  segmentLevel: { since: "2.4.7" },
  l0Import: { since: "2.4.5" },
  /** Import jobs of DataCoord: bad paths fail, several run at once, an entry may be one path. */
  importV2: { since: "2.4.0" },
  /** Tasks run one by one and expire 900 s after they were submitted. */
  importsSerial: { until: "2.4.0" },
  /** Import keeps the timestamps of rows, so that later deletes still apply and TTL counts from the insert. */
  rowTimestampsKept: { since: "2.4.6" },
  arrays: { since: "2.3.4" },
  float16Vectors: { since: "2.4.0" },
  sparseVectors: { since: "2.4.3" },
  nullable: { since: "2.5.0" },
  defaultValues: { since: "2.5.0" },
  functions: { since: "2.5.0" },
  /** A property switches off the check of a function's model endpoint while a collection is created. */
  functionCheckOff: { since: "2.6.8" },
  int8Vectors: { since: "2.6.0" },
  structArrays: { since: "2.6.0" },
  geometry: { since: "2.6.0" },
  timestamptz: { since: "2.6.1" },
  /** AddCollectionField: fields that came after the collection. */
  addField: { since: "2.6.0" },
} as const;

export type Capability = keyof typeof SPANS;
export type Capabilities = Readonly<Record<Capability, boolean>>;

export function capabilitiesOf(version: MilvusVersion): Capabilities {
  const entries = Object.entries(SPANS).map(([name, span]) => [name, isWithin(version, span)]);
  return Object.fromEntries(entries) as Capabilities; // the keys of SPANS, which fromEntries forgets
}

function isWithin(version: MilvusVersion, { since, until }: Span): boolean {
  if (since !== undefined && !isAtLeast(version, since)) return false;
  return until === undefined || !isAtLeast(version, until);
}
