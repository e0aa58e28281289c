import { z } from "zod";
import type { SourceConfig } from "../../core/contracts/config.ts";
import type { Same } from "../../core/same.ts";
import { secretSchema as secret } from "./secret.ts";
import { textSchema as text } from "./words.ts";

const address = z.string().regex(/^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?\/?$/, {
  error: 'expected host:port, such as "localhost:19530", or a URL without a password',
});

const source = z.strictObject({
  address,
  auth: z.union([z.strictObject({ username: text, password: secret }), z.strictObject({ token: secret })]).optional(),
  tls: z
    .strictObject({
      ca: text.optional(),
      cert: text.optional(),
      key: text.optional(),
      serverName: text.optional(),
      skipVerify: z.boolean().optional(),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), "expected cert and key together")
    .optional(),
  storage: text,
});
export const sourceSchema: z.ZodType<SourceConfig, SourceConfig> = source satisfies Same<
  typeof source,
  SourceConfig,
  SourceConfig
>;
