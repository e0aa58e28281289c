import { Buffer } from "node:buffer";
import type { ServerSideEncryption, StorageClass } from "@aws-sdk/client-s3";
import type { ObjectInfo, WriteOptions } from "../../src/plugin.ts";
import type { Bucket } from "./client.ts";

/** What the replies to the various calls tell of an object. */
interface Reply {
  readonly ETag?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
  readonly ChecksumType?: string | undefined;
  readonly LastModified?: Date | undefined;
}

export function infoOf(key: string, bytes: number, reply: Reply): ObjectInfo {
  const sha256 = sha256Of(reply);
  return {
    key,
    bytes,
    ...(reply.ETag !== undefined && { etag: reply.ETag.replaceAll('"', "") }),
    ...(sha256 !== undefined && { sha256 }),
    ...(reply.LastModified !== undefined && { modifiedAt: reply.LastModified }),
  };
}

interface Attributes {
  readonly StorageClass?: StorageClass;
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string | undefined;
  readonly ObjectLockMode?: "GOVERNANCE";
  readonly ObjectLockRetainUntilDate?: Date;
  readonly ChecksumAlgorithm?: "CRC32";
}

/** How an object is to be stored. */
export function attributesOf({ settings }: Bucket, options: WriteOptions = {}): Attributes {
  const storageClass = options.storageClass ?? settings.storageClass;
  return {
    ...(storageClass !== undefined && { StorageClass: storageClass as StorageClass }), // services have their own classes
    ...(settings.sse && { ServerSideEncryption: settings.sse.type, SSEKMSKeyId: settings.sse.keyId }),
    ...(options.retainUntil && {
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate: options.retainUntil,
    }),
    ...checksumOf(options),
  };
}

/** A retention lock is refused without a checksum of the object and of its parts. */
export function checksumOf({ retainUntil }: WriteOptions): { readonly ChecksumAlgorithm?: "CRC32" } {
  return retainUntil === undefined ? {} : { ChecksumAlgorithm: "CRC32" };
}

export function conditionsOf({ ifAbsent, ifMatch }: WriteOptions): {
  IfNoneMatch?: string;
  IfMatch?: string | undefined;
} {
  return { ...(ifAbsent && { IfNoneMatch: "*" }), ...(ifMatch !== undefined && { IfMatch: quoted(ifMatch) }) };
}

export function quoted(etag: string | undefined): string | undefined {
  return etag === undefined ? undefined : `"${etag}"`;
}

export function toBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

/** Of an object in parts the service gives a checksum of the parts' checksums, "…-3": that says nothing of the bytes. */
function sha256Of({ ChecksumSHA256, ChecksumType }: Reply): string | undefined {
  if (ChecksumSHA256 === undefined || ChecksumType === "COMPOSITE" || ChecksumSHA256.includes("-")) return undefined;
  return Buffer.from(ChecksumSHA256, "base64").toString("hex");
}
