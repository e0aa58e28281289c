/** The library's entry. */
import type { Config, PolicyConfig } from "./core/contracts/config.ts";

export type {
  Auth,
  Config,
  Consistency,
  LimitsConfig,
  PolicyConfig,
  Secret,
  SelectConfig,
  SourceConfig,
  StorageConfig,
  TargetConfig,
  TlsConfig,
} from "./core/contracts/config.ts";

/** Gives the config back: for its types, in `milvus-backup.config.ts`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** Gives the policy back: for its types, in `policies/*.ts`. */
export function definePolicy(policy: PolicyConfig): PolicyConfig {
  return policy;
}
