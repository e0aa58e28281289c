import { MANIFEST_KEY, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import { damaged } from "../format/damaged.ts";
import type { Manifest } from "../format/manifest.ts";

/**
 * What of a manifest stays in the clear, so that backups can be listed, copied and kept without an identity: no name of a
 * database, collection or partition, no schema, no policy's config, no address, no message that could quote them.
 */
export function openPart(manifest: Manifest): Manifest {
  const { policy, source, reason, gc: _, ...rest } = manifest;
  return {
    ...rest,
    ...(policy && { policy: { name: policy.name, digest: policy.digest } }),
    source: {
      name: source.name,
      milvusVersion: source.milvusVersion,
      storage: { type: source.storage.type, prefix: "" },
    },
    ...(reason !== undefined && { reason: "it is sealed: milvus-backup get shows it to who has an identity" }),
    collections: manifest.collections.map(({ schema: _schema, reason: _reason, partitions, ...collection }) => ({
      ...collection,
      database: "",
      name: "",
      ...(partitions && { partitions: { taken: [], of: partitions.of } }),
    })),
  };
}

/** The whole of it again: states and recipients are those in the clear, which rewrap and copies change. */
export function joinParts(open: Manifest, sealed: Manifest): Manifest {
  if (sealed.runId !== open.runId || sealed.backup !== open.backup) {
    throw damaged({ file: SEALED_MANIFEST_KEY }, `it is not of the same backup as ${MANIFEST_KEY}`);
  }
  const { state, finishedAt, copiedBy, encryption } = open;
  return { ...sealed, state, finishedAt, copiedBy, encryption };
}
