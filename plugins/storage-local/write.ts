import { createHash } from "node:crypto";
import { constants, copyFile, link, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkSha256, exactBytes, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, CopyRequest, ObjectBody, ObjectInfo, StorageLocation, WriteOptions } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { pathOf } from "./directory.ts";
import { infoOf } from "./info.ts";
import { placeFile } from "./place.ts";
import { inFolder, withTemporary } from "./temporary.ts";

export interface Upload {
  readonly key: string;
  readonly body: ObjectBody;
  readonly options: Call & WriteOptions;
}

export async function writeObject(directory: Directory, upload: Upload): Promise<ObjectInfo> {
  const { key, options } = upload;
  if (options.retainUntil !== undefined) {
    throw new StorageError("unsupported", `Cannot write "${key}": local storage has no retention locks`, { key });
  }
  pathOf(directory, key);
  return withTemporary(directory, async (temporary) => {
    const info = await writeFile(directory, temporary, upload);
    throwIfAborted(key, options.signal);
    await placeFile(directory, { temporary, key }, options);
    return info;
  });
}

/** Shares the blocks of the source where the file system can; the checksum is of the copy. */
export async function copyObject(directory: Directory, from: StorageLocation, copy: CopyRequest): Promise<ObjectInfo> {
  const { sourceKey, key, bytes } = copy;
  const source = join(from.path ?? "", from.prefix, sourceKey);
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  pathOf(directory, key);
  return withTemporary(directory, async (temporary) => {
    await inFolder(directory.scratch, directory.isDurable, () => copyFile(source, temporary, mode));
    const info = await finishCopy(directory, temporary, key);
    if (bytes !== undefined && bytes !== info.bytes) {
      const message = `Cannot copy "${sourceKey}": ${bytes} bytes were expected, it has ${info.bytes}`;
      throw new StorageError("corrupt", message, { key: sourceKey });
    }
    await placeFile(directory, { temporary, key });
    return info;
  });
}

/** A hard link: both names are one file. */
export async function linkObject(directory: Directory, sourceKey: string, key: string): Promise<ObjectInfo> {
  const source = pathOf(directory, sourceKey);
  pathOf(directory, key);
  return withTemporary(directory, async (temporary) => {
    await inFolder(directory.scratch, directory.isDurable, () => link(source, temporary));
    const info = infoOf(key, await stat(temporary, { bigint: true }));
    await placeFile(directory, { temporary, key });
    return info;
  });
}

async function writeFile(directory: Directory, path: string, { key, body, options }: Upload): Promise<ObjectInfo> {
  const file = await inFolder(directory.scratch, directory.isDurable, () => open(path, "wx"));
  try {
    const hash = createHash("sha256");
    for await (const chunk of exactBytes(key, body, options.signal)) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    const sha256 = hash.digest("hex");
    checkSha256(key, body, sha256);
    if (directory.isDurable) await file.sync();
    return { ...infoOf(key, await file.stat({ bigint: true })), sha256 };
  } finally {
    await file.close();
  }
}

async function finishCopy(directory: Directory, path: string, key: string): Promise<ObjectInfo> {
  if (directory.isDurable) await syncFile(path);
  const sha256 = await directory.hashes.sha256Of(path);
  return { ...infoOf(key, await stat(path, { bigint: true })), sha256 };
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
