import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { checkSha256, exactBytes, isStorageError, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { ObjectInfo } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard } from "./errors.ts";
import { attributesOf, conditionsOf, infoOf, toBase64 } from "./objects.ts";
import { writeParts } from "./parts.ts";
import { checkIfAbsent, checkStored } from "./proofs.ts";
import { provenBytes, sendBytes } from "./upload.ts";
import type { Upload } from "./upload.ts";

/** Up to this size an object is held in memory, so that its checksum can go before it. */
const BUFFERED_BYTES = 1024 * 1024;

export async function writeObject(bucket: Bucket, upload: Upload): Promise<ObjectInfo> {
  const { key, body, options } = upload;
  throwIfAborted(key, options.signal);
  try {
    return await guard({ action: "write", key, bucket: bucket.name }, () => {
      if (body.size <= BUFFERED_BYTES) return writeBuffer(bucket, upload);
      return body.size <= bucket.settings.partSize ? writeStream(bucket, upload) : writeParts(bucket, upload);
    });
  } catch (error) {
    if (options.ifMatch === undefined || !isStorageError(error, "missing")) throw error;
    throw new StorageError("precondition", error.message, { key, cause: error }); // Amazon says 404 where nothing is
  }
}

async function writeBuffer(bucket: Bucket, { key, body, options }: Upload): Promise<ObjectInfo> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exactBytes(key, body, options.signal)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  checkSha256(key, body, sha256);
  const input = {
    Bucket: bucket.name,
    Key: key,
    Body: bytes,
    ChecksumSHA256: toBase64(sha256),
    ...attributesOf(bucket, options),
    ...conditionsOf(options),
  };
  const put = async (): Promise<ObjectInfo> =>
    infoOf(key, bytes.length, await bucket.s3.putObject(input, within(options.signal)));
  const info = { ...(await put()), sha256 };
  if (options.ifAbsent) await checkIfAbsent(bucket, key, put);
  await checkStored(bucket, info, { md5: createHash("md5").update(bytes).digest("hex"), signal: options.signal });
  return info;
}

async function writeStream(bucket: Bucket, upload: Upload): Promise<ObjectInfo> {
  const { key, body, options } = upload;
  const digest = { sha256: createHash("sha256"), md5: createHash("md5") };
  const reply = await sendBytes(provenBytes(upload, digest), options.signal, (Body, signal) =>
    bucket.s3.putObject(
      {
        Bucket: bucket.name,
        Key: key,
        Body,
        ContentLength: body.size,
        ChecksumSHA256: body.sha256 === undefined ? undefined : toBase64(body.sha256),
        ...attributesOf(bucket, options),
        ...conditionsOf(options),
      },
      within(signal),
    ),
  );
  const info = { ...infoOf(key, body.size, reply), sha256: digest.sha256.digest("hex") };
  await checkStored(bucket, info, { md5: digest.md5.digest("hex"), signal: options.signal });
  return info;
}
