import { z } from "zod";
import type { SourceConfig } from "../../core/contracts/source.ts";
import type { Same } from "../../core/same.ts";
import { secretSchema as secret } from "./secret.ts";
import { textSchema as text } from "./words.ts";

const address = z.string().regex(/^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?\/?$/, {
  error: 'expected host:port, such as "localhost:19530", or a URL without a password',
});

const url = z.string().regex(/^https?:\/\/[^\s/@?#]+(?:\/[^\s@?#]*)?$/, {
  error: 'expected a URL without a password, such as "http://localhost:9091"',
});

const auth = z.union([
  z.strictObject({ username: text.describe("The user."), password: secret.describe("The user's password.") }),
  z.strictObject({ token: secret.describe("`user:password` or an API key, as one secret.") }),
]);

const tls = z
  .strictObject({
    ca: text.optional().describe("A PEM file with the authorities to trust instead of the system's."),
    cert: text.optional().describe("The PEM file of the client's certificate, for mutual TLS; with `key`."),
    key: text.optional().describe("The PEM file of the client's key; with `cert`."),
    serverName: text
      .optional()
      .describe("The name that the server's certificate bears, where it is not the address's."),
    skipVerify: z.boolean().optional().describe("Accept any certificate."),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), "expected cert and key together");

const source = z.strictObject({
  address: address.describe("`host:port`, or a URL with http or https."),
  auth: auth.optional().describe("How to log in."),
  tls: tls.optional().describe("TLS is on when this is there, even empty. Paths are relative to the config's folder."),
  storage: text.describe("The storage where this Milvus keeps its segments."),
  management: z
    .union([
      url,
      z.strictObject({
        url: url.describe("`http://host:9091`."),
        auth: auth.optional().describe("How to log in where Milvus asks for it: the user root."),
      }),
    ])
    .optional()
    .describe(
      "Where Milvus serves its metrics, `http://host:9091`, or that with an `auth`: for pauses of its garbage collection.",
    ),
});
export const sourceSchema: z.ZodType<SourceConfig, SourceConfig> = source satisfies Same<
  typeof source,
  SourceConfig,
  SourceConfig
>;
