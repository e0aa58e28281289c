import { definePolicy } from "milvus-backup";

/** What `npm run demo` runs: every collection of the database demo. */
export default definePolicy({
  source: "local",
  targets: [{ storage: "backups" }],
  select: { include: ["demo.*"] },
});
