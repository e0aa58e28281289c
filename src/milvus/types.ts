/** What src/milvus gives and takes: plain data, ids and timestamps as bigint, no SDK type among it. */
import type { Call } from "../core/contracts/storage.ts";
import type { CollectionSchema, KeyValue, SegmentMeta } from "../format/meta.ts";

/** Given to everything that talks to Milvus. */
export interface MilvusCall extends Call {
  /** In milliseconds since 1970; without it each request still has a time limit of its own. */
  readonly deadline?: number | undefined;
  /** Not called back at once when the signal aborts: Milvus would do it all the same, so the answer is waited for as long as this. */
  readonly graceMs?: number | undefined;
}

export interface CollectionRef {
  readonly database: string;
  readonly collection: string;
}

export interface NamedId {
  readonly id: bigint;
  readonly name: string;
}

export interface DatabaseDescription {
  readonly name: string;
  /** Absent where the server cannot describe databases (before 2.4.3). */
  readonly id?: bigint;
  readonly properties: readonly KeyValue[];
}

export interface CollectionDescription extends NamedId {
  readonly database: string;
  readonly databaseId: bigint;
  /** As the server shows it: without `$meta`, RowID and Timestamp. */
  readonly schema: CollectionSchema;
  /** The protobuf schema.CollectionSchema exactly as received, with what this tool's release does not know. */
  readonly rawSchema: Uint8Array;
  readonly shards: number;
  /** 0 Strong, 1 Session, 2 Bounded, 3 Eventually, 4 Customized. */
  readonly consistencyLevel: number;
  readonly properties: readonly KeyValue[];
  readonly aliases: readonly string[];
  /** Hybrid timestamp (TSO). */
  readonly createdTimestamp: bigint;
  readonly virtualChannels: readonly string[];
  readonly physicalChannels: readonly string[];
}

/** As the Go tool spells them in its meta files. */
export type LoadState = "NotExist" | "NotLoad" | "Loading" | "Loaded";

export interface FlushResult {
  /** Sealed by this flush; on storage when flushCollection resolves. */
  readonly segmentIds: readonly bigint[];
  /** Flushed or flushing before it. */
  readonly flushedSegmentIds: readonly bigint[];
  /** Hybrid timestamp up to which everything is on storage; 0 before Milvus 2.3.1. */
  readonly flushTs: bigint;
  /** Unix seconds. */
  readonly sealTime: bigint;
  /** base64 of a protobuf msg.MsgPosition by virtual channel; empty where the server does not tell (before 2.3.15). */
  readonly channelCheckpoints: Readonly<Record<string, string>>;
  /** The highest timestamp (TSO) of the checkpoints, 0 when there are none. */
  readonly checkpointTs: bigint;
}

export type SegmentState =
  | "none"
  | "not-exist"
  | "growing"
  | "sealed"
  | "flushed"
  | "flushing"
  | "dropped"
  | "importing";

export interface SegmentInfo {
  readonly id: bigint;
  readonly collectionId: bigint;
  /** -1: all partitions. */
  readonly partitionId: bigint;
  /** Rows written, deleted ones included. */
  readonly rows: bigint;
  readonly state: SegmentState;
  /** Undefined where the server has them and does not say (2.4.0 to 2.4.6): then one without insert logs is. */
  readonly isL0: boolean | undefined;
  /** 0 and 1: binlogs by field; 2: parquet by column group. */
  readonly storageVersion: bigint;
}

/** An object of a segment, by its key below the Milvus root path. */
export interface SegmentFile {
  readonly kind: "insert" | "delta";
  readonly key: string;
  readonly bytes: number;
  readonly etag?: string | undefined;
}

export interface CapturedSegment {
  readonly meta: SegmentMeta;
  readonly files: readonly SegmentFile[];
}

export interface SkippedSegment {
  readonly segmentId: bigint;
  readonly partitionId: bigint;
  readonly rows: bigint;
  readonly reason: string;
}

export type ImportStatus = "pending" | "running" | "persisted" | "completed" | "failed";

export interface ImportState {
  readonly status: ImportStatus;
  readonly rows: bigint;
  /** Percent, as far as the server tells. */
  readonly progress: number;
  /** Why it failed; "" otherwise. */
  readonly reason: string;
}
