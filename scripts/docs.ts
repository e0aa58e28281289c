/** Writes the pages that are made from the code; test/meta/docs.test.ts tells when that was forgotten. */
import { mkdir, writeFile } from "node:fs/promises";
import { docPages } from "./docs/pages.ts";

const root = new URL("../", import.meta.url);

for (const folder of ["docs/commands/", "schema/"]) await mkdir(new URL(folder, root), { recursive: true });
for (const [path, text] of await docPages()) await writeFile(new URL(path, root), text);
