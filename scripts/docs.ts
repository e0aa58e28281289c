/** Writes the pages that are made from the code; test/meta/docs.test.ts tells when that was forgotten. */
import { mkdir, writeFile } from "node:fs/promises";
import { docPages } from "./docs/pages.ts";

const root = new URL("../", import.meta.url);

await mkdir(new URL("docs/commands/", root), { recursive: true });
for (const [path, text] of await docPages()) await writeFile(new URL(path, root), text);
