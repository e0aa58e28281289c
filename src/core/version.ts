/** The version of this package, as manifests, plans and `--version` name it; test/meta compares it with package.json. */
export const VERSION = "0.1.0";

/** How list and the manifests tell our backups from the Go tool's. */
export const TOOL_NAME = "milvus-backup-ts" as const;
