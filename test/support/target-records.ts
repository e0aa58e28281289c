/** What every run of a policy leaves in its targets besides backups: its record, and the number of its lock, given back. */
const RECORDS = [".milvus-backup/history/runs/", ".milvus-backup/locks/p/"];

/** The keys but for those, for tests that look at all that is in a target. */
export function withoutRecords(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !RECORDS.some((prefix) => key.startsWith(prefix)));
}
