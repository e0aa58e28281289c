import type { KeepConfig } from "../core/contracts/retention.ts";
import type { SourceConfig } from "../core/contracts/source.ts";
import type { StorageConfig } from "../core/contracts/storage-settings.ts";
import { formatCode } from "./format-code.ts";
import { formatYaml, schemaLine } from "./format-yaml.ts";
import { escapeVariables } from "./variables.ts";

/** What a first config is made of. */
export interface FirstConfig {
  readonly source: Omit<SourceConfig, "storage">;
  readonly sourceStorage: StorageConfig;
  readonly target: StorageConfig;
  /** The policy's name. */
  readonly policy: string;
  readonly include: readonly string[];
  /** What stays of the backups; all of them when absent. */
  readonly keep?: KeepConfig | undefined;
  /** When a backup is due; whenever somebody takes one, when absent. */
  readonly cron?: string | undefined;
}

export type ConfigFormat = "yaml" | "ts";

/** A key with what is to know of it. */
interface Section {
  readonly comments: readonly string[];
  readonly key: string;
  readonly value: unknown;
}

/** The text of a config for it, with comments that teach. */
export function formatFirstConfig(first: FirstConfig, format: ConfigFormat): string {
  const sections = configSections(first);
  if (format === "yaml") return schemaLine("config") + toYaml(sections);
  return `import { defineConfig } from "milvus-backup";\n\nexport default defineConfig({\n${toCode(sections)}});\n`;
}

/** The text of its policy. */
export function formatFirstPolicy(first: FirstConfig, format: ConfigFormat): string {
  const sections = policySections(first);
  if (format === "yaml") return schemaLine("policy") + toYaml(sections);
  const imports =
    'import { definePolicy } from "milvus-backup";\nimport type config from "../milvus-backup.config.ts";\n';
  return `${imports}\nexport default definePolicy<typeof config>({\n${toCode(sections)}});\n`;
}

function configSections({ source, sourceStorage, target }: FirstConfig): readonly Section[] {
  return [
    { comments: ["Where things are; what is used in the end: milvus-backup config show"], key: "version", value: 1 },
    {
      comments: [
        "Each Milvus, by the name that policies use. A password is only given by reference:",
        "auth: { username: root, password: { env: MILVUS_PASSWORD } }, or { file: path }, { command: [program, argument] },",
        "{ credential: NAME } of systemd, { dockerSecret: NAME }. Its storage is where it keeps its segments.",
      ],
      key: "sources",
      value: { milvus: { ...source, storage: "milvus-data" } },
    },
    {
      comments: [
        "Places for objects: directories, and buckets of any S3. Credentials of S3 are looked for where AWS's own tools do,",
        "unless the storage has them: credentials: { accessKeyId: ID, secretAccessKey: { env: S3_SECRET } }",
      ],
      key: "storages",
      value: { "milvus-data": sourceStorage, backups: target },
    },
  ];
}

function policySections({ policy, include, keep, cron }: FirstConfig): readonly Section[] {
  return [
    { comments: [`What is backed up, by: milvus-backup run ${policy}`], key: "source", value: "milvus" },
    { comments: ["Where the backups are kept."], key: "targets", value: [{ storage: "backups" }] },
    ...(keep === undefined ? [] : [retentionSection(policy, keep)]),
    ...(cron === undefined ? [] : [scheduleSection(policy, cron)]),
    {
      comments: [
        "Which collections, as database.collection: globs, or between slashes regular expressions.",
        'What exclude names is left out, whatever includes it: exclude: ["*.tmp_*"]',
      ],
      key: "select",
      value: { include },
    },
  ];
}

function retentionSection(policy: string, keep: KeepConfig): Section {
  return {
    comments: [
      "Which backups stay: the newest of so many days and weeks. What no rule keeps is deleted behind the next whole backup;",
      `what would go: milvus-backup prune ${policy}`,
    ],
    key: "retention",
    value: { keep },
  };
}

function scheduleSection(policy: string, cron: string): Section {
  return {
    comments: [
      "When a backup is due, by the clocks of timezone: an IANA name such as Europe/Berlin. cron or systemd start it; when it",
      `did not happen, so says: milvus-backup status ${policy}`,
    ],
    key: "schedule",
    value: { cron, timezone: "UTC" },
  };
}

function toYaml(sections: readonly Section[]): string {
  return sections
    .map(({ comments, key, value }) => {
      return comments.map((line) => `# ${line}\n`).join("") + formatYaml({ [key]: escapeVariables(value) });
    })
    .join("\n");
}

function toCode(sections: readonly Section[]): string {
  return sections
    .map(({ comments, key, value }) => {
      const lines = formatCode({ [key]: escapeVariables(value) }, 1);
      return comments.map((line) => `  // ${line}\n`).join("") + lines;
    })
    .join("\n");
}
