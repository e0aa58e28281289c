import { join } from "node:path";
import { succeed, withClient } from "../../test/support/dataset-client.ts";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import type { VectorCollection } from "../fill.ts";
import type { BenchWork } from "../work.ts";
import { LARGE } from "./large-collection.ts";
import { SMALL, THREE_SEGMENTS } from "./small-collections.ts";
import { takeBackup } from "./take-backup.ts";

const PEER = "bare import tasks";

export function restoreLarge(work: BenchWork): Promise<Contest> {
  return restoreLocal(work, {
    name: "restore, one large collection",
    work: "1,000,000 rows × 256 floats, 1 GB: staged, checksums compared, imported, rows compared",
    collections: [LARGE],
    goSeconds: 45,
  });
}

export function restoreSmall(work: BenchWork): Promise<Contest> {
  return restoreLocal(work, {
    name: "restore, many small parts",
    work: "a collection of 21 partitions with 10 rows each, and one of three segments",
    collections: [SMALL, THREE_SEGMENTS],
    goSeconds: 66,
  });
}

interface Restore {
  readonly name: string;
  readonly work: string;
  readonly collections: readonly VectorCollection[];
  /** What the Go tool v0.5.16 took on a machine of this kind. */
  readonly goSeconds: number;
}

async function restoreLocal(work: BenchWork, restore: Restore): Promise<Contest> {
  const { SANDBOX_LOCAL_MILVUS: address, SANDBOX_LOCAL_ROOT: root } = work.sandbox;
  const names = restore.collections.map(({ name }) => name);
  for (const collection of restore.collections) await fillVectors(address, collection);
  const backup = await takeBackup(work, "kept", names);
  const dropAll = (suffix: string) => (): Promise<void> =>
    drop(
      address,
      names.map((name) => name + suffix),
    );
  const imports = work.script("import-segments.ts", address, root, "_bare", ...names);
  const places = ["--source", address, "--source-storage", root, "--target", join(work.folder, "kept")];
  return {
    ...restore,
    ours: {
      name: "milvus-backup restore",
      command: work.cli("restore", backup, "--suffix", "_ours", ...places),
      prepare: dropAll("_ours"),
    },
    peers: [{ name: PEER, command: imports, prepare: dropAll("_bare") }],
    bounds: [
      { times: 1.1, peer: PEER, plusSeconds: 0, plusWhat: "" },
      { seconds: restore.goSeconds, what: "what the Go tool v0.5.16 took when it was measured on such a machine" },
    ],
  };
}

function drop(address: string, names: readonly string[]): Promise<void> {
  return withClient(address, "default", async (client) => {
    for (const name of names) await succeed(client.dropCollection({ collection_name: name }));
  });
}
