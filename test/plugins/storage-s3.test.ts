import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { s3 } from "../../plugins/storage-s3/index.ts";
import type { S3Options } from "../../plugins/storage-s3/index.ts";
import { isStorageError } from "../../src/plugin.ts";
import type { Storage } from "../../src/plugin.ts";
import { bodyOf, keysOf, outcomeOf, patternOf, readText } from "../../src/testing/subject.ts";

interface Received {
  readonly method: string;
  /** Below the bucket, with the query. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Breaks the connection after the body. */
  readonly breaks?: boolean;
}

const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
const closing: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A storage on a service that answers as told, "200" to the rest; with what it received, but for open's questions. */
async function openFake(
  answer: (received: Received) => Answer | undefined,
  options: Partial<S3Options> = {},
): Promise<{ readonly storage: Storage; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const asked = await receive(request);
    const isOpening = asked.method === "HEAD" && asked.target === "/";
    if (isOpening || /^\/?\?(versioning|object-lock)/.test(asked.target)) return reply(response, {});
    received.push(asked);
    return reply(response, answer(asked) ?? {});
  });
  const port = await listen(server);
  const storage = await s3.open(
    s3.options.parse({
      endpoint: `http://127.0.0.1:${port}`,
      bucket: "bucket",
      credentials,
      ...options,
    }),
  );
  closing.push(() => storage[Symbol.asyncDispose]());
  return { storage, received };
}

/** The port; the server is closed after the test. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closing.unshift(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The server has no port");
  return address.port;
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "", url = "", headers } = request;
  return { method, target: url.replace(/^\/bucket/, ""), headers, body: Buffer.concat(chunks) };
}

function reply(response: ServerResponse, { status = 200, headers = {}, body = "", breaks = false }: Answer): void {
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  if (breaks) response.write(body, () => response.destroy());
  else response.end(body);
}

const failure = (code: string, message = "it failed", more = ""): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;

function page(keys: readonly string[], rest = ""): string {
  const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>7</Size><ETag>"e"</ETag></Contents>`).join("");
  return `<?xml version="1.0"?><ListBucketResult>${contents}${rest}</ListBucketResult>`;
}

const truncated = (token: string): string =>
  `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;

describe("s3 options", () => {
  const minimal = { bucket: "bucket" };

  it("have defaults", () => {
    expect(s3.options.parse(minimal)).toEqual({
      bucket: "bucket",
      partSize: 2 ** 26,
      copyPartThreshold: 500 * 2 ** 20,
    });
  });

  it.each([
    {},
    { ...minimal, other: 1 },
    { ...minimal, endpoint: "localhost:9000" },
    { ...minimal, endpoint: "http://user:password@localhost:9000" },
    { ...minimal, partSize: 1024 },
    { ...minimal, credentials: { accessKeyId: "key" } },
    { ...minimal, sse: { type: "none" } },
  ])("refuse %j", (options) => {
    expect(s3.options.safeParse(options).success).toBe(false);
  });
});

describe("s3 errors", () => {
  it.each([
    [503, "SlowDown", "throttled"],
    [429, "TooManyRequests", "throttled"],
    [403, "AccessDenied", "denied"],
    [404, "NoSuchKey", "missing"],
    [404, "NoSuchBucket", "unavailable"],
    [409, "ConditionalRequestConflict", "precondition"],
    [412, "PreconditionFailed", "precondition"],
    [500, "InternalError", "unavailable"],
    [400, "AuthorizationHeaderMalformed", "unavailable"],
    [400, "InvalidRequest", "unsupported"],
    [400, "BadDigest", "corrupt"],
    [501, "NotImplemented", "unsupported"],
    [507, "XMinioStorageFull", "full"],
    [400, "QuotaExceeded", "full"],
  ])("are, for status %i and code %s, %s", async (status, code, expected) => {
    const { storage } = await openFake(() => ({ status, body: failure(code) }));
    await expect(storage.read("key")).rejects.toMatchObject({
      code: expected,
      key: "key",
      message: 'Cannot read "key" in bucket bucket: it failed',
    });
  });

  it("tell how long a throttling service asks to wait", async () => {
    const { storage } = await openFake(() => ({
      status: 503,
      headers: { "retry-after": "7" },
      body: failure("SlowDown"),
    }));
    await expect(storage.read("key")).rejects.toMatchObject({ code: "throttled", retryAfterMs: 7000 });
  });

  it("are sent after one attempt", async () => {
    const { storage, received } = await openFake(() => ({ status: 500, body: failure("InternalError") }));
    expect([await outcomeOf(storage.write("key", bodyOf("content"))), received.length]).toEqual(["unavailable", 1]);
  });

  it("do not repeat the session token that the service repeats", async () => {
    const echo = "<CanonicalRequest>x-amz-security-token:a-session-token</CanonicalRequest>";
    const { storage } = await openFake(
      () => ({ status: 403, body: failure("SignatureDoesNotMatch", "it does not match", echo) }),
      { credentials: { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "a-session-token" } },
    );
    const error: unknown = await storage.read("key").catch((thrown: unknown) => thrown);
    expect(isStorageError(error, "denied")).toBe(true);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("a-session-token");
  });

  it("say why when nobody answers", async () => {
    const options = s3.options.parse({ bucket: "bucket", endpoint: "http://localhost:1", credentials });
    await expect(s3.open(options)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("are unavailable when a copy fails late, with status 200", async () => {
    const { storage } = await openFake(() => ({ body: failure("InternalError") }));
    const copy = storage.copyFrom?.(storage.location, { sourceKey: "a", key: "b", bytes: 1 });
    expect(await outcomeOf(copy ?? Promise.reject())).toBe("unavailable");
  });

  it("name the file of certificate authorities when it cannot be read", async () => {
    const options = s3.options.parse({ bucket: "bucket", tls: { caFile: "/nowhere/ca.pem" } });
    await expect(s3.open(options)).rejects.toThrow("/nowhere/ca.pem");
  });
});

describe("s3 tls", () => {
  it("trusts the given certificate authorities, also for large bodies", async ({ skip }) => {
    const folder = await mkdtemp(join(tmpdir(), "storage-s3-"));
    closing.push(() => rm(folder, { recursive: true }));
    const [keyFile, caFile] = [join(folder, "key.pem"), join(folder, "ca.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", keyFile, "-out", caFile];
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files]);
    skip(made.status !== 0, "there is no openssl");
    const server = createTlsServer(
      { key: await readFile(keyFile), cert: await readFile(caFile) },
      async (request, response) => {
        const { body } = await receive(request);
        reply(response, { headers: { etag: `"${createHash("md5").update(body).digest("hex")}"` } });
      },
    );
    const endpoint = `https://localhost:${await listen(server)}`;
    const open = (tls?: S3Options["tls"]): Promise<Storage> =>
      s3.open(s3.options.parse({ endpoint, bucket: "bucket", credentials, tls }));
    expect(await outcomeOf(open())).toBe("unavailable");
    const storage = await open({ caFile });
    closing.push(() => storage[Symbol.asyncDispose]());
    expect((await storage.write("key", bodyOf(patternOf(3 * 2 ** 20)))).bytes).toBe(3 * 2 ** 20);
    const careless = await open({ rejectUnauthorized: false });
    expect(await careless.stat("key")).toMatchObject({ key: "key" });
    await careless[Symbol.asyncDispose]();
  });
});

describe("s3 read()", () => {
  it("throws unavailable when the connection breaks before the end", async () => {
    const { storage } = await openFake(() => ({ headers: { "content-length": "100" }, body: "half", breaks: true }));
    expect(await outcomeOf(readText(storage, "key"))).toBe("unavailable");
  });

  it("tells the object's sha256, but not a checksum of its parts' checksums", async () => {
    const digest = createHash("sha256").update("content").digest();
    const checksum = digest.toString("base64");
    const { storage } = await openFake(({ target }) => ({
      headers: { "x-amz-checksum-sha256": target === "/parts" ? `${checksum}-3` : checksum },
      body: "content",
    }));
    const found = [await storage.stat("whole"), await storage.stat("parts")];
    expect(found.map((info) => info?.sha256)).toEqual([digest.toString("hex"), undefined]);
  });
});

describe("s3 list()", () => {
  it("asks until there is no more", async () => {
    const pages = [page(["a", "b"], truncated("1")), page([], truncated("2")), page(["c"])];
    const { storage, received } = await openFake(({ target }) => {
      const token = /continuation-token=(\d)/.exec(target)?.[1] ?? "0";
      return { body: pages[Number(token)] ?? "" };
    });
    expect(await keysOf(storage.list(""))).toEqual(["a", "b", "c"]);
    expect(received.length).toBe(3);
  });

  it.each([
    ["says that more follows, not where", [page(["a"], "<IsTruncated>true</IsTruncated>")]],
    ["leads back to itself", [page(["a"], truncated("1")), page(["b"], truncated("1"))]],
    ["comes before the last one", [page(["b"], truncated("1")), page(["a"])]],
    ["has an entry without a key", [page([], "<Contents><Size>1</Size></Contents>")]],
  ])("throws when a page %s", async (_, pages) => {
    const { storage } = await openFake(({ target }) => ({
      body: pages[/continuation-token=/.test(target) ? 1 : 0] ?? "",
    }));
    expect(await outcomeOf(keysOf(storage.list("")))).toBe("unsupported");
  });

  it("decodes keys only where the service says that it encoded them", async () => {
    const encoded = `<EncodingType>url</EncodingType><CommonPrefixes><Prefix>x+y%2Bz/</Prefix></CommonPrefixes>`;
    const { storage } = await openFake(({ target }) => ({
      body: target.includes("prefix=plain") ? page(["plain+%41"]) : page(["a+b%2Bc%2525/%F0%9F%98%80"], encoded),
    }));
    expect(await keysOf(storage.list(""))).toEqual(["a b+c%25/😀", "x y+z/"]);
    expect(await keysOf(storage.list("plain"))).toEqual(["plain+%41"]);
  });

  it("leaves out the objects that stand for an empty folder", async () => {
    const folder = "<Contents><Key>a/</Key><Size>0</Size></Contents>";
    const { storage } = await openFake(() => ({ body: page(["a/b"], folder) }));
    expect(await keysOf(storage.list(""))).toEqual(["a/b"]);
  });
});

describe("s3 delete()", () => {
  it("tells of each key, and sends Content-MD5", async () => {
    const error = (key: string, code: string, message: string): string =>
      `<Error><Key>${key}</Key><Code>${code}</Code><Message>${message}</Message></Error>`;
    const errors = [
      error("denied", "AccessDenied", "Access Denied"),
      error("retained", "AccessDenied", "Access Denied because object protected by object lock."),
      error("gone", "NoSuchKey", "The specified key does not exist"),
      error("broken", "InternalError", "We had a problem"),
    ];
    const { storage, received } = await openFake(() => ({ body: `<DeleteResult>${errors.join("")}</DeleteResult>` }));
    const result = await storage.delete(["denied", "retained", "gone", "broken", "deleted"]);
    expect({ ...result, failed: result.failed.map(({ key, error: { code } }) => [key, code]) }).toEqual({
      deleted: ["gone", "deleted"],
      retained: ["retained"],
      failed: [
        ["denied", "denied"],
        ["broken", "unavailable"],
      ],
    });
    const md5 = createHash("md5")
      .update(received[0]?.body ?? "")
      .digest("base64");
    expect(received[0]?.headers["content-md5"]).toBe(md5);
  });

  it("deletes one by one where the service has no DeleteObjects", async () => {
    const { storage, received } = await openFake(({ method, target }) => {
      if (method === "POST") return { status: 501, body: failure("NotImplemented") };
      if (target.startsWith("/denied")) return { status: 403, body: failure("AccessDenied") };
      return { status: target.startsWith("/gone") ? 404 : 204 };
    });
    const { deleted, failed } = await storage.delete(["a", "denied", "gone"]);
    expect([deleted, failed.map(({ key }) => key)]).toEqual([["a", "gone"], ["denied"]]);
    expect(received.map(({ method }) => method)).toEqual(["POST", "DELETE", "DELETE", "DELETE"]);
  });
});

describe("s3 write()", () => {
  const md5Of = (body: Buffer): string => createHash("md5").update(body).digest("hex");

  it("refuses ifAbsent where the service ignores it", async () => {
    const { storage } = await openFake(({ body }) => ({ headers: { etag: `"${md5Of(body)}"` } }));
    expect(await outcomeOf(storage.write("key", bodyOf("content"), { ifAbsent: true }))).toBe("unsupported");
  });

  it("asks only once whether the service heeds ifAbsent", async () => {
    const there = new Set<string>();
    const { storage, received } = await openFake(({ target, body }) => {
      if (there.has(target)) return { status: 412, body: failure("PreconditionFailed") };
      there.add(target);
      return { headers: { etag: `"${md5Of(body)}"` } };
    });
    for (const key of ["a", "b", "c"]) await storage.write(key, bodyOf("content"), { ifAbsent: true });
    expect(received.map(({ target }) => target.slice(0, 2))).toEqual(["/a", "/a", "/b", "/c"]);
  });

  it("reads the object back when its etag is not the MD5, and believes the bytes", async () => {
    const stored = new Map<string, Buffer>();
    const { storage, received } = await openFake(({ method, target, body }) => {
      const path = target.slice(0, 2);
      if (method === "PUT") stored.set(path, body);
      return { headers: { etag: '"not-an-md5"' }, body: method === "GET" ? `${stored.get(path)}` : "" };
    });
    await storage.write("a", bodyOf("content"));
    await storage.write("b", bodyOf("content"));
    expect(received.map(({ method }) => method)).toEqual(["PUT", "GET", "PUT"]);
  });

  it("throws corrupt and deletes the object when the service stored other bytes", async () => {
    const { storage, received } = await openFake(({ method }) => ({
      headers: { etag: '"another"' },
      body: method === "GET" ? "contant" : "",
    }));
    expect(await outcomeOf(storage.write("key", bodyOf("content")))).toBe("corrupt");
    expect(received.map(({ method }) => method)).toEqual(["PUT", "GET", "DELETE"]);
  });

  it("says what is left when the parts of a failed write cannot be removed", async () => {
    const { storage } = await openFake(
      ({ method, target }) => {
        if (method === "POST" && target.includes("?uploads")) {
          return { body: "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>" };
        }
        return { status: 500, body: failure("InternalError") };
      },
      { partSize: 5 * 2 ** 20 },
    );
    await expect(storage.write("key", bodyOf(patternOf(6 * 2 ** 20)))).rejects.toMatchObject({
      code: "unavailable",
      hint: "parts of it may be left as upload u1: a lifecycle rule of the bucket can remove such",
    });
  });

  it("asks for the storage class and encryption of the options", async () => {
    const { storage, received } = await openFake(({ body }) => ({ headers: { etag: `"${md5Of(body)}"` } }), {
      storageClass: "STANDARD_IA",
      sse: { type: "aws:kms", keyId: "key-1" },
    });
    await storage.write("a", bodyOf("content"));
    await storage.write("b", bodyOf("content"), { storageClass: "GLACIER_IR" });
    const asked = received.map(({ headers }) => [
      headers["x-amz-storage-class"],
      headers["x-amz-server-side-encryption"],
      headers["x-amz-server-side-encryption-aws-kms-key-id"],
    ]);
    expect(asked).toEqual([
      ["STANDARD_IA", "aws:kms", "key-1"],
      ["GLACIER_IR", "aws:kms", "key-1"],
    ]);
  });
});

describe("s3 unfinished()", () => {
  const uploads = (keys: readonly string[], rest = ""): string => {
    const told = keys.map((key) => `<Upload><Key>${key}</Key><UploadId>u-${key}</UploadId></Upload>`).join("");
    return `<?xml version="1.0"?><ListMultipartUploadsResult>${told}${rest}</ListMultipartUploadsResult>`;
  };
  const another = "<IsTruncated>true</IsTruncated><NextKeyMarker>b/1</NextKeyMarker>";
  const none = { status: 404, body: failure("NoSuchUpload") };

  it("gives those of every page", async () => {
    const { storage } = await openFake(({ target }) => ({
      body: target.includes("key-marker=") ? uploads(["b/2"]) : uploads(["b/1"], another),
    }));
    expect((await storage.unfinished?.("b/"))?.map(({ key }) => key)).toEqual(["b/1", "b/2"]);
  });

  it("gives none where the service knows of none, as rclone says it, and throws when that is a later page", async () => {
    const { storage } = await openFake(() => none);
    expect(await storage.unfinished?.("b/")).toEqual([]);
    const cut = await openFake(({ target }) =>
      target.includes("key-marker=") ? none : { body: uploads(["b/1"], another) },
    );
    await expect(cut.storage.unfinished?.("b/")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("s3 copyFrom()", () => {
  it("encodes the source, asks for a sha256 and tells it", async () => {
    const digest = createHash("sha256").update("content").digest();
    const checksum = `<ChecksumSHA256>${digest.toString("base64")}</ChecksumSHA256>`;
    const { storage, received } = await openFake(() => ({
      body: `<CopyObjectResult><ETag>"e"</ETag>${checksum}</CopyObjectResult>`,
    }));
    const from = { ...storage.location, bucket: "other", prefix: "a b" };
    const info = await storage.copyFrom?.(from, { sourceKey: "c+d/ü", key: "copy", bytes: 7 });
    expect(info).toEqual({ key: "copy", bytes: 7, etag: "e", sha256: digest.toString("hex") });
    const { headers } = received[0] ?? {};
    expect([headers?.["x-amz-copy-source"], headers?.["x-amz-checksum-algorithm"]]).toEqual([
      "other/a%20b/c%2Bd/%C3%BC",
      "SHA256",
    ]);
  });

  it.each(["aws:kms", "aws:kms:dsse"])(
    "tells no etag of what the service encrypted with %s: it is no MD5 there",
    async (encryption) => {
      const etag = "d41d8cd98f00b204e9800998ecf8427e";
      const { storage } = await openFake(() => ({
        headers: { "x-amz-server-side-encryption": encryption },
        body: `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>`,
      }));
      const info = await storage.copyFrom?.(storage.location, { sourceKey: "a", key: "b", bytes: 7 });
      expect(info).toEqual({ key: "b", bytes: 7 });
    },
  );
});
