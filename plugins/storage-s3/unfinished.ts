import type { ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import { StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, UnfinishedWrite } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard } from "./errors.ts";

/**
 * The uploads in parts below the prefix that nobody has completed or aborted, as far as the service tells: MinIO takes the
 * prefix for a whole key (minio/minio#20989). To ask there for all of the bucket would cost others more than it is worth:
 * what is left it removes by itself after a day.
 */
export async function listUnfinished(
  bucket: Bucket,
  prefix: string,
  { signal }: Call = {},
): Promise<readonly UnfinishedWrite[]> {
  const found: UnfinishedWrite[] = [];
  const places = new Set<string>();
  let marker: Pick<ListMultipartUploadsCommandOutput, "KeyMarker" | "UploadIdMarker"> = {};
  for (;;) {
    throwIfAborted(prefix, signal);
    const input = { Bucket: bucket.name, Prefix: prefix, ...marker }; // without EncodingType: SeaweedFS says that it encodes, and does not
    const page = await guard({ action: "list the uploads of", key: prefix, bucket: bucket.name }, async () => {
      try {
        return await bucket.s3.listMultipartUploads(input, within(signal));
      } catch (error) {
        if (places.size > 0 || !isNoSuchUpload(error)) throw error;
        return undefined;
      }
    });
    if (page === undefined) return found; // rclone's way to say that the bucket has had none
    found.push(...uploadsOf(page, prefix));
    if (page.IsTruncated !== true) return found;
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    const place = JSON.stringify(marker);
    if (page.NextKeyMarker === undefined || places.has(place)) {
      throw new StorageError("corrupt", `Cannot list the uploads below "${prefix}": no page is the last`);
    }
    places.add(place);
  }
}

/** Some services give others as well. */
function uploadsOf({ Uploads = [] }: ListMultipartUploadsCommandOutput, prefix: string): readonly UnfinishedWrite[] {
  return Uploads.flatMap(({ Key: key, UploadId: id, Initiated: startedAt }) => {
    if (key === undefined || id === undefined || !key.startsWith(prefix)) return [];
    return [{ key, id, ...(startedAt && { startedAt }) }];
  });
}

/** One that has been completed meanwhile is an object, which stays. */
export async function abandonUpload(
  bucket: Bucket,
  { key, id }: UnfinishedWrite,
  { signal }: Call = {},
): Promise<void> {
  await guard({ action: "abandon the upload of", key, bucket: bucket.name }, async () => {
    try {
      await bucket.s3.abortMultipartUpload({ Bucket: bucket.name, Key: key, UploadId: id }, within(signal));
    } catch (error) {
      if (!isNoSuchUpload(error)) throw error;
    }
  });
}

function isNoSuchUpload(error: unknown): boolean {
  return error instanceof Error && error.name === "NoSuchUpload";
}
