import { defineConfig } from "milvus-backup";

/** What `npm run demo` uses: the sandbox's Milvus, or yours by the environment. */
export default defineConfig({
  version: 1,
  sources: {
    local: { address: "${SANDBOX_LOCAL_MILVUS:-localhost:19530}", storage: "milvus-data" },
    s3: { address: "${SANDBOX_S3_MILVUS:-localhost:19531}", storage: "milvus-bucket" },
  },
  storages: {
    "milvus-data": { type: "local", path: "${SANDBOX_LOCAL_ROOT:-/var/lib/milvus/data}" },
    "milvus-bucket": {
      type: "s3",
      endpoint: "${SANDBOX_S3_ENDPOINT:-http://localhost:9000}",
      bucket: "${SANDBOX_S3_BUCKET:-a-bucket}",
      prefix: "${SANDBOX_S3_ROOT:-files}",
      credentials: { accessKeyId: { env: "SANDBOX_S3_KEY" }, secretAccessKey: { env: "SANDBOX_S3_SECRET" } },
    },
    backups: { type: "local", path: "${DEMO_TARGET:-./.demo/backups}" },
  },
});
