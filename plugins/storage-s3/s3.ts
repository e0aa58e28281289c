import { StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, Storage, StorageLocation } from "../../src/plugin.ts";
import { connect, within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { copyObject, isSameService } from "./copy.ts";
import { deleteObjects } from "./delete.ts";
import { guard, statusOf } from "./errors.ts";
import type { S3Settings } from "./index.ts";
import { listObjects } from "./list.ts";
import { findObject, readObject } from "./read.ts";
import { abandonUpload, listUnfinished } from "./unfinished.ts";
import { writeObject } from "./write.ts";

/** Asks the service whether the bucket is there and what it can do; a wrong endpoint or secret shows here. */
export async function openS3(settings: S3Settings, call: Call = {}): Promise<Storage> {
  throwIfAborted(settings.bucket, call.signal);
  const bucket = await connect(settings);
  try {
    return await guard({ action: "open", bucket: bucket.name }, async () => {
      const [location, { versioning, objectLock }] = await Promise.all([locationOf(bucket), probe(bucket, call)]);
      return storageOf(bucket, { location, versioning, objectLock });
    });
  } catch (error) {
    bucket.s3.destroy();
    throw error;
  }
}

interface Facts {
  readonly location: StorageLocation;
  readonly versioning: boolean;
  readonly objectLock: boolean;
}

function storageOf(bucket: Bucket, { location, versioning, objectLock }: Facts): Storage {
  return {
    location,
    capabilities: {
      ifAbsent: true, // proved at the first such write
      ifMatch: true,
      serverCopy: true,
      link: false,
      checksums: location.endpoint === undefined ? ["sha256", "md5"] : [], // others may or may not
      versioning,
      objectLock,
    },
    stat: (key, call) => findObject(bucket, key, call),
    read: (key, options) => readObject(bucket, key, options),
    write: async (key, body, options = {}) => {
      if (options.retainUntil !== undefined && !objectLock) {
        const message = `Cannot write "${key}" with a retention lock: bucket ${bucket.name} has no object lock`;
        throw new StorageError("unsupported", message, { key });
      }
      return writeObject(bucket, { key, body, options });
    },
    list: (prefix, options) => listObjects(bucket, prefix, options),
    delete: (keys, call) => deleteObjects(bucket, keys, call),
    canCopyFrom: (from) => isSameService(from, location),
    copyFrom: (from, request, call) => copyObject(bucket, from, { request, signal: call?.signal }),
    unfinished: (prefix, call) => listUnfinished(bucket, prefix, call),
    abandon: (write, call) => abandonUpload(bucket, write, call),
    [Symbol.asyncDispose]: async () => bucket.s3.destroy(),
  };
}

async function locationOf({ s3, settings }: Bucket): Promise<StorageLocation> {
  const { endpoint, bucket, credentials } = settings;
  return {
    type: "s3",
    endpoint: endpoint === undefined ? undefined : new URL(endpoint).origin,
    region: await s3.config.region(),
    bucket,
    prefix: "",
    account: credentials !== undefined && "accessKeyId" in credentials ? credentials.accessKeyId : undefined,
  };
}

async function probe({ s3, name }: Bucket, { signal }: Call): Promise<{ versioning: boolean; objectLock: boolean }> {
  const bucket = { Bucket: name };
  const [, versioning, lock] = await Promise.all([
    unlessRefused(() => s3.headBucket(bucket, within(signal))),
    unlessRefused(() => s3.getBucketVersioning(bucket, within(signal))),
    unlessRefused(() => s3.getObjectLockConfiguration(bucket, within(signal))),
  ]);
  return {
    versioning: versioning?.Status === "Enabled",
    objectLock: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
  };
}

/** Answers by which a service says that it has no such feature, or that these credentials may not ask. */
const REFUSALS: ReadonlySet<string> = new Set([
  "AccessDenied",
  "MethodNotAllowed",
  "NotImplemented",
  "ObjectLockConfigurationNotFoundError",
]);

async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && (REFUSALS.has(error.name) || isForbiddenHead(error))) return undefined;
    throw error;
  }
}

/** headBucket's answer has no body and so no name; where the credentials are wrong the other answers say so. */
function isForbiddenHead(error: Error): boolean {
  return statusOf(error) === 403 && ["Unknown", "Forbidden", "403"].includes(error.name);
}
