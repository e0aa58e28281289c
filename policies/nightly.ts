import { definePolicy } from "milvus-backup";

export default definePolicy({
  source: "local",
  targets: [{ storage: "backups" }],
  select: { include: ["*.*"] },
});
