import { randomUUID } from "node:crypto";

/** Uploads are beside everything else until they are whole: no key is called so. */
const PREFIX = ".webdav-upload-";

export function newUploadName(): string {
  return `${PREFIX}${randomUUID()}`;
}

export function isUploadName(key: string): boolean {
  return key.startsWith(PREFIX);
}
