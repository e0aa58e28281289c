/** Writes the pages that are made from the code; test/meta/docs.test.ts tells when that was forgotten. */
import { mkdir, writeFile } from "node:fs/promises";
import { docPages } from "./docs/pages.ts";

const root = new URL("../", import.meta.url);

for (const [path, text] of await docPages()) {
  await mkdir(new URL(".", new URL(path, root)), { recursive: true });
  await writeFile(new URL(path, root), text);
}
