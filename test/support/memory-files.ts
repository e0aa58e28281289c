import type { OpenFile } from "../../src/format/meta-files.ts";

/** Text or bytes as a file would give them, in chunks of so many bytes. */
export async function* inChunks(content: string | Uint8Array, bytes = 7): AsyncGenerator<Uint8Array> {
  const all = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes);
}

/** A backup's files by their keys. */
export function openFiles(files: Readonly<Record<string, string | Uint8Array>>): OpenFile {
  return async (key) => {
    const content = files[key];
    return content === undefined ? undefined : inChunks(content);
  };
}
