import { z } from "zod";
import { defineStorage } from "../../src/plugin.ts";
import type { StoragePlugin } from "../../src/plugin.ts";
import { openS3 } from "./s3.ts";

const MIB = 1024 * 1024;

export interface S3Options {
  /** The bucket, which must exist. */
  readonly bucket: string;
  /** `https://host:port` of any S3-compatible service; AWS when absent. */
  readonly endpoint?: string | undefined;
  /** With an endpoint `us-east-1` when absent; without one what the environment or profile says. */
  readonly region?: string | undefined;
  /** Name the bucket in the path instead of the host; true with an endpoint, else false. */
  readonly forcePathStyle?: boolean | undefined;
  /** When absent those of the environment, profile, container or machine, as AWS's own tools find them. */
  readonly credentials?: S3Credentials | undefined;
  /** For services with certificates of their own. */
  readonly tls?: S3Tls | undefined;
  /** Encryption by the service; what the bucket's own setting says when absent. */
  readonly sse?: S3Encryption | undefined;
  /** Of every object written; `STANDARD` when absent. */
  readonly storageClass?: string | undefined;
  /** Objects larger than this many bytes are sent in parts of this many. When absent: 67108864. */
  readonly partSize?: number | undefined;
  /** Objects larger than this many bytes are copied in parts; services refuse more than 5 GiB at once. When absent: 524288000. */
  readonly copyPartThreshold?: number | undefined;
}

export type S3Credentials =
  | {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string | undefined;
    }
  | { readonly profile: string };

export interface S3Tls {
  /** PEM file of the certificate authorities to trust instead of the system's. */
  readonly caFile?: string | undefined;
  /** False accepts any certificate: for trying out only. */
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface S3Encryption {
  /** How the service encrypts. */
  readonly type: "AES256" | "aws:kms";
  /** For `aws:kms`: the key; the account's default key when absent. */
  readonly keyId?: string | undefined;
}

/** The options with their defaults. */
export interface S3Settings extends S3Options {
  readonly partSize: number;
  readonly copyPartThreshold: number;
}

const text: z.ZodString = z.string().min(1);

const credentials = z.union([
  z.strictObject({
    accessKeyId: text.describe("The key's id."),
    secretAccessKey: text.describe("The key itself."),
    sessionToken: text.optional().describe("For a key that is lent for a while."),
  }),
  z.strictObject({ profile: text.describe("A profile of the AWS configuration files.") }),
]);

const tls = z.strictObject({
  caFile: text.optional().describe("PEM file of the certificate authorities to trust instead of the system's."),
  rejectUnauthorized: z.boolean().optional().describe("False accepts any certificate: for trying out only."),
});

const sse = z.strictObject({
  type: z.enum(["AES256", "aws:kms"]).describe("How the service encrypts."),
  keyId: text.optional().describe("For `aws:kms`: the key; the account's default key when absent."),
});

const options: z.ZodType<S3Settings, S3Options> = z.strictObject({
  bucket: text.describe("The bucket, which must exist."),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine(isWithoutUser, "expected a URL without user and password: they belong into credentials")
    .optional()
    .describe("`https://host:port` of any S3-compatible service; AWS when absent."),
  region: text
    .optional()
    .describe("With an endpoint `us-east-1` when absent; without one what the environment or profile says."),
  forcePathStyle: z
    .boolean()
    .optional()
    .describe("Name the bucket in the path instead of the host; true with an endpoint, else false."),
  credentials: credentials
    .optional()
    .describe("When absent those of the environment, profile, container or machine, as AWS's own tools find them."),
  tls: tls.optional().describe("For services with certificates of their own."),
  sse: sse.optional().describe("Encryption by the service; what the bucket's own setting says when absent."),
  storageClass: text.optional().describe("Of every object written; `STANDARD` when absent."),
  partSize: z
    .int()
    .min(5 * MIB)
    .describe("Objects larger than this many bytes are sent in parts of this many.")
    .default(64 * MIB),
  copyPartThreshold: z
    .int()
    .min(5 * MIB)
    .max(5 * 1024 * MIB)
    .describe("Objects larger than this many bytes are copied in parts; services refuse more than 5 GiB at once.")
    .default(500 * MIB),
});

/** An endpoint is shown and kept in manifests. */
function isWithoutUser(url: string): boolean {
  return !URL.canParse(url) || new URL(url).username + new URL(url).password === "";
}

/** Keeps objects in a bucket of Amazon S3 or of any service that speaks its protocol. */
export const s3: StoragePlugin = defineStorage({ apiVersion: 1, name: "s3", options, open: openS3 });
