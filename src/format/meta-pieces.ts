import { damaged } from "./damaged.ts";
import { META_KEYS } from "./keys.ts";
import type { OpenFile } from "./meta-files.ts";
import type { BackupHead } from "./meta.ts";
import { readBackup, refuseFormat } from "./read-backup.ts";
import type { BackupReading } from "./read-backup.ts";
import { splitCollections } from "./split-collections.ts";
import type { MetaPiece } from "./split-collections.ts";

export interface PieceReading {
  readonly pieces: AsyncIterable<MetaPiece>;
  /** Known when they were read to their end. */
  head(): BackupHead;
}

/** As readBackup, but once and in pieces: of full_meta.json a segment is in memory, of the level files all of them. */
export async function openPieces(open: OpenFile): Promise<PieceReading> {
  const full = await open(META_KEYS.full);
  if (full !== undefined) return readOnce(splitCollections(full));
  const { head, collections } = await readBackup(open);
  return { pieces: toPieces(collections), head: () => head };
}

function readOnce(pieces: AsyncIterable<MetaPiece>): PieceReading {
  let head: BackupHead | undefined;
  const watched = async function* (): AsyncGenerator<MetaPiece> {
    for await (const piece of pieces) {
      if (piece.kind !== "head") yield piece;
      else refuseFormat((head = piece.head));
    }
  };
  return {
    pieces: watched(),
    head: () => {
      if (head === undefined) throw damaged({ file: META_KEYS.full }, "it ends too early");
      return head;
    },
  };
}

async function* toPieces(collections: BackupReading["collections"]): AsyncGenerator<MetaPiece> {
  for await (const collection of collections) {
    for (const partition of collection.partition_backups ?? []) {
      for (const segment of partition.segment_backups ?? []) yield { kind: "segment", segment };
      const { segment_backups: _, ...frame } = partition;
      yield { kind: "partition", partition: frame };
    }
    const { partition_backups: _, ...frame } = collection;
    yield { kind: "collection", collection: frame };
  }
}
