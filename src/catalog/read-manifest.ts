import type { Call, Storage } from "../core/contracts/storage.ts";
import { MANIFEST_KEY } from "../format/keys.ts";
import { decodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { readBytes } from "../io/body.ts";
import { fileOpener } from "./meta-files.ts";

/** Our own record of a backup; undefined when it has none, as those of the Go tool. */
export async function readManifest(storage: Storage, backup: string, call: Call = {}): Promise<Manifest | undefined> {
  const chunks = await fileOpener(storage, backup, call)(MANIFEST_KEY);
  return chunks === undefined ? undefined : decodeManifest(await readBytes(chunks));
}
