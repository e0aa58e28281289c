import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3 } from "../../plugins/storage-s3/index.ts";
import type { S3Options } from "../../plugins/storage-s3/index.ts";
import type { Storage } from "../../src/plugin.ts";
import { describeStorage } from "../../src/testing.ts";
import { bodyOf, keysOf, outcomeOf, patternOf, readBytes } from "../../src/testing/subject.ts";
import { sandboxEnv } from "../support/sandbox.ts";

const MIB = 1024 * 1024;
const { endpoint, bucket, key: accessKeyId, secret: secretAccessKey } = sandboxEnv().s3;
const credentials = { accessKeyId, secretAccessKey };
const openS3 = (options: Partial<S3Options> = {}): Promise<Storage> =>
  s3.open(
    s3.options.parse({ endpoint, bucket, credentials, partSize: 5 * MIB, copyPartThreshold: 5 * MIB, ...options }),
  );

describeStorage("s3", openS3);

describe("s3", () => {
  const prefix = `storage-s3-${randomUUID()}/`;
  let storage: Storage;
  let client: S3;
  beforeAll(async () => {
    storage = await openS3();
    client = new S3({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: { ...credentials } });
  });
  afterAll(async () => {
    await storage.delete(await keysOf(storage.list(prefix)));
    await storage[Symbol.asyncDispose]();
    client.destroy();
  });
  const uploads = async (): Promise<readonly unknown[]> =>
    (await client.listMultipartUploads({ Bucket: bucket, Prefix: prefix })).Uploads ?? [];

  it("open() tells where the storage is, without the secret", () => {
    expect(storage.location).toEqual({
      type: "s3",
      endpoint,
      region: "us-east-1",
      bucket,
      prefix: "",
      account: accessKeyId,
    });
  });

  it("open() names the bucket when there is none", async () => {
    await expect(openS3({ bucket: "no-such-bucket" })).rejects.toMatchObject({
      code: "unavailable",
      message: "Cannot open bucket no-such-bucket: there is no such bucket",
      hint: "check the storage's bucket, endpoint and region",
    });
  });

  it("open() throws denied when the secret is wrong, and does not tell it", async () => {
    const wrong = openS3({ credentials: { accessKeyId, secretAccessKey: "a-wrong-secret" } });
    await expect(wrong).rejects.toMatchObject({ code: "denied", hint: "check the secret access key" });
    await expect(wrong).rejects.toSatisfy((error) => !JSON.stringify(error).includes("a-wrong-secret"));
  });

  it("open() throws denied when the access key is unknown", async () => {
    const unknown = openS3({ credentials: { accessKeyId: "nobody", secretAccessKey } });
    await expect(unknown).rejects.toMatchObject({ code: "denied", hint: "check the access key id" });
  });

  it("open() throws unavailable when nobody answers", async () => {
    expect(await outcomeOf(openS3({ endpoint: "http://127.0.0.1:1" }))).toBe("unavailable");
  });

  it("write() sends a large object in parts", async () => {
    const { etag, sha256 } = await storage.write(`${prefix}large`, bodyOf(patternOf(11 * MIB)));
    expect([etag?.split("-")[1], sha256?.length]).toEqual(["3", 64]);
    expect(await uploads()).toEqual([]);
  });

  it.each(["fails", "is aborted"])("write() leaves no parts when it %s", async (end) => {
    const controller = new AbortController();
    const content = patternOf(11 * MIB);
    let begun: readonly unknown[] = [];
    const body = {
      size: content.length,
      async *open() {
        yield content.subarray(0, 8 * MIB);
        begun = await uploads();
        if (end === "fails") throw new RangeError("the body broke");
        controller.abort();
        yield content.subarray(8 * MIB);
      },
    };
    const write = storage.write(`${prefix}broken`, body, { signal: controller.signal });
    await expect(write).rejects.toMatchObject(end === "fails" ? { message: "the body broke" } : { code: "aborted" });
    expect([begun.length, await uploads()]).toEqual([1, []]);
  });

  it("write() leaves no parts when its condition does not hold", async () => {
    await storage.write(`${prefix}there`, bodyOf("content"));
    const write = storage.write(`${prefix}there`, bodyOf(patternOf(11 * MIB)), { ifAbsent: true });
    expect([await outcomeOf(write), await uploads()]).toEqual(["precondition", []]);
  });

  it("copyFrom() copies a large object in parts", async () => {
    const content = patternOf(21 * MIB);
    await storage.write(`${prefix}source/large`, bodyOf(content));
    const source = { ...storage.location, prefix: `${prefix}source` };
    const copy = { sourceKey: "large", key: `${prefix}copy`, bytes: content.length };
    const { etag, sha256 } = (await storage.copyFrom?.(source, copy)) ?? {};
    expect([etag?.split("-")[1], sha256]).toEqual(["3", undefined]);
    expect((await readBytes(storage, copy.key)).equals(Buffer.from(content))).toBe(true);
    expect(await uploads()).toEqual([]);
  });

  it("copyFrom() throws corrupt when a large source has not the size that was expected", async () => {
    await storage.write(`${prefix}source/small`, bodyOf("content"));
    const copy = { sourceKey: `${prefix}source/small`, key: `${prefix}copied`, bytes: 6 * MIB };
    expect(await outcomeOf(storage.copyFrom?.(storage.location, copy) ?? Promise.reject())).toBe("corrupt");
  });

  it("write() puts a retention lock on objects of every size, where the bucket has object lock", async () => {
    const name = `storage-s3-${randomUUID()}`;
    await client.createBucket({ Bucket: name, ObjectLockEnabledForBucket: true });
    const locked = await openS3({ bucket: name });
    const retainUntil = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    try {
      expect(locked.capabilities).toMatchObject({ versioning: true, objectLock: true });
      for (const size of [10, 2 * MIB, 6 * MIB]) {
        const key = `object of ${size}`;
        await locked.write(key, bodyOf(patternOf(size)), { retainUntil });
        const head = await client.headObject({ Bucket: name, Key: key });
        expect([key, head.ObjectLockMode, head.ObjectLockRetainUntilDate]).toEqual([key, "GOVERNANCE", retainUntil]);
        const { VersionId } = head;
        await client.deleteObject({ Bucket: name, Key: key, VersionId, BypassGovernanceRetention: true });
      }
    } finally {
      await locked[Symbol.asyncDispose]();
      await client.deleteBucket({ Bucket: name });
    }
  });

  it("write() refuses a retention lock where the bucket has no object lock", async () => {
    const write = storage.write(`${prefix}locked`, bodyOf("content"), { retainUntil: new Date() });
    expect([await outcomeOf(write), await storage.stat(`${prefix}locked`)]).toEqual(["unsupported", undefined]);
  });

  it("canCopyFrom() is false for another service, region or account", () => {
    const { location } = storage;
    const others = [{ endpoint: "https://other" }, { region: "eu-central-1" }, { account: "other" }, { type: "local" }];
    expect(others.map((other) => storage.canCopyFrom?.({ ...location, ...other }))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(storage.canCopyFrom?.({ ...location, bucket: "another" })).toBe(true);
  });
});
