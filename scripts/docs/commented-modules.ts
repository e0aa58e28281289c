import { readFile } from "node:fs/promises";
import { builtinStorages } from "../../src/builtins.ts";
import { describeConfig, describePolicy, describeStorages } from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema-part.ts";
import { withDocComments } from "./doc-comments.ts";

const root = new URL("../../", import.meta.url);

/** The modules whose interfaces say what schemas say, so that editors show it where a config is code. */
export async function commentedModules(): Promise<ReadonlyMap<string, string>> {
  const storages = await describeStorages(builtinStorages);
  const [config, policy, s3] = [describeConfig(), describePolicy(), storages.get("s3")];
  const source = at(config, "sources", "*");
  const modules = {
    "src/core/contracts/config.ts": {
      Config: config,
      PluginConfig: at(config, "plugins", "*")?.anyOf?.find(({ type }) => type === "object"),
    },
    "src/core/contracts/source.ts": { SourceConfig: source, TlsConfig: at(source, "tls") },
    "src/core/contracts/storage-settings.ts": { StorageConfig: at(config, "storages", "*") },
    "src/core/contracts/policy.ts": { PolicyConfig: policy },
    "src/core/contracts/target.ts": { TargetConfig: at(policy, "targets", "*") },
    "src/core/contracts/selection.ts": { SelectConfig: at(policy, "select") },
    "src/core/contracts/limits.ts": { LimitsConfig: at(policy, "limits") },
    "src/core/contracts/schedule.ts": { ScheduleConfig: at(policy, "schedule") },
    "src/core/contracts/hooks.ts": { HookConfig: at(policy, "hooks", "*"), HookCallConfig: at(policy, "hooks", "*") },
    "plugins/storage-local/index.ts": { LocalOptions: storages.get("local") },
    "plugins/storage-memory/index.ts": { MemoryOptions: storages.get("memory") },
    "plugins/storage-s3/index.ts": { S3Options: s3, S3Tls: at(s3, "tls"), S3Encryption: at(s3, "sse") },
  };
  const texts = Object.entries(modules).map(async ([path, interfaces]) => {
    const text = await readFile(new URL(path, root), "utf8");
    return [path, withDocComments(text, interfaces)] as const;
  });
  return new Map(await Promise.all(texts));
}

/** What is at a path of keys; `*` is what a record or a list holds. */
function at(schema: JsonSchema | undefined, ...path: readonly string[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((holder, key) => {
    if (key !== "*") return holder?.properties?.[key];
    const values = holder?.additionalProperties;
    return holder?.items ?? (typeof values === "object" ? values : undefined);
  }, schema);
}
