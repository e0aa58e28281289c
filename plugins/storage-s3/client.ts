import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import process from "node:process";
import type { S3, S3ClientConfig } from "@aws-sdk/client-s3";
import { StorageError } from "../../src/plugin.ts";
import type { S3Credentials, S3Settings, S3Tls } from "./index.ts";
import type { Learned } from "./proofs.ts";

/** More than the host has calls under way: what waits for a socket counts as not connecting. */
const MAX_SOCKETS = 256;
const CONNECTION_TIMEOUT_MS = 10_000;
/** A copy within the service may say nothing for as long as it takes. */
const SOCKET_TIMEOUT_MS = 120_000;

/** What every call works on. */
export interface Bucket {
  readonly s3: S3;
  readonly name: string;
  readonly settings: S3Settings;
  readonly learned: Learned;
}

/** The SDK's name for a signal. */
export function within(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** Makes the client, which sends nothing yet. */
export async function connect(settings: S3Settings): Promise<Bucket> {
  // the SDK's way to turn off its warning about Node 20, which would end up between our own lines
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { S3: Client } = await import("@aws-sdk/client-s3");
  const s3 = new Client(await configOf(settings));
  addContentMd5(s3);
  return { s3, name: settings.bucket, settings, learned: { ifAbsent: false, md5Etags: true } };
}

async function configOf({ endpoint, region, forcePathStyle, credentials, tls }: S3Settings): Promise<S3ClientConfig> {
  const keepAlive = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    ...(endpoint !== undefined && { endpoint, region: "us-east-1" }),
    ...(region !== undefined && { region }),
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
    ...credentialsOf(credentials),
    maxAttempts: 1, // the host retries, and must see throttling
    requestChecksumCalculation: "WHEN_REQUIRED", // other services do not know the SDK's default checksums
    responseChecksumValidation: "WHEN_REQUIRED",
    logger: SILENT, // without one the SDK prints to the console
    expectContinueHeader: false, // for it the SDK makes agents of its own, without our certificate authorities
    requestHandler: {
      httpAgent: new HttpAgent(keepAlive),
      httpsAgent: new HttpsAgent({ ...keepAlive, ...(await tlsOptions(tls)) }),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      logger: SILENT,
    },
  };
}

/** Without credentials the SDK looks for some. */
function credentialsOf(credentials: S3Credentials | undefined): Pick<S3ClientConfig, "credentials" | "profile"> {
  if (credentials === undefined) return {};
  if ("profile" in credentials) return { profile: credentials.profile };
  const { sessionToken, ...keys } = credentials;
  return { credentials: { ...keys, ...(sessionToken !== undefined && { sessionToken }) } };
}

async function tlsOptions({ caFile, rejectUnauthorized }: S3Tls = {}): Promise<{
  ca?: Buffer;
  rejectUnauthorized?: boolean;
}> {
  return {
    ...(caFile !== undefined && { ca: await readCaFile(caFile) }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

async function readCaFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new StorageError("unavailable", `Cannot read the certificate authorities of "tls.caFile": ${path}`, {
      cause,
    });
  }
}

const silent = (): void => {};
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Older services take a DeleteObjects only with Content-MD5, of which the SDK sends a CRC32 instead. */
function addContentMd5(s3: S3): void {
  s3.middlewareStack.add(
    (next, context) => (args) => {
      const { request } = args;
      if (context["commandName"] !== "DeleteObjectsCommand" || !hasTextBody(request)) return next(args);
      request.headers["content-md5"] = createHash("md5").update(request.body).digest("base64");
      return next(args);
    },
    { step: "build", name: "contentMd5OfDeleteObjects" },
  );
}

function hasTextBody(request: unknown): request is { headers: Record<string, string>; body: string | Uint8Array } {
  if (typeof request !== "object" || request === null || !("body" in request && "headers" in request)) return false;
  return typeof request.body === "string" || request.body instanceof Uint8Array;
}
