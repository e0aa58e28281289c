import type { Manifest, ManifestCollection } from "../../src/format/manifest.ts";

/** A manifest of one whole collection, as small as one can be. */
export function manifestOf(backup: string, given: Partial<Manifest> = {}): Manifest {
  return {
    formatVersion: 1,
    tool: { name: "milvus-backup-ts", version: "0.1.0" },
    runId: `run_of_${backup}`,
    backup,
    source: { name: "prod", storage: { type: "memory", prefix: "files" }, milvusVersion: "v2.3.5" },
    mode: "full",
    consistency: "flush",
    state: "complete",
    startedAt: "2026-11-24T02:00:00.000Z",
    collections: [manifestCollection("book")],
    ...given,
  };
}

export function manifestCollection(name: string, given: Partial<ManifestCollection> = {}): ManifestCollection {
  return {
    id: "10",
    database: "default",
    name,
    state: "complete",
    rows: 5,
    segments: 1,
    objects: 2,
    bytes: 8,
    ...given,
  };
}
