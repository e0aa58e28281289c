import { builtinStorages } from "../../src/builtins.ts";
import {
  configFileSchema,
  describeConfig,
  describePolicy,
  describeStorages,
  policyFileSchema,
} from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema-part.ts";
import { referencePage } from "./reference-page.ts";

const GUIDE =
  "How files, `extends`, `defaults`, overlays, variables and secrets work is in [policies](../policies.md); editors read";

/** The schemas for editors, and the reference of all keys, by their paths from the root. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["schema/config.schema.json", toText(await configFileSchema(builtinStorages))],
    ["schema/policy.schema.json", toText(policyFileSchema())],
    ["docs/reference/config.md", await configPage()],
    ["docs/reference/policy.md", policyPage()],
  ]);
}

async function configPage(): Promise<string> {
  const config = { title: "Keys", intro: "All together, from whichever files they come.", schema: describeConfig() };
  const storages = Array.from(await describeStorages(builtinStorages), ([name, schema]) => ({
    title: `Options of a storage of type \`${name}\``,
    intro: "Beside `type`, `prefix` and `readableByMilvus`, as `storages.NAME.…`; a secret may stand for any text.",
    schema,
  }));
  return referencePage(
    "The config: milvus-backup.config.*",
    `${GUIDE} [config.schema.json](../../schema/config.schema.json).`,
    [config, ...storages],
  );
}

function policyPage(): string {
  const policy = { title: "Keys", intro: "All together, from whichever files they come.", schema: describePolicy() };
  const intro = `${GUIDE} [policy.schema.json](../../schema/policy.schema.json).`;
  return referencePage("A policy: policies/NAME.*", intro, [policy]);
}

function toText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
