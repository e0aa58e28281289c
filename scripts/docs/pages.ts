import { readFile } from "node:fs/promises";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";
import { streamJsonSchema } from "../../src/report/stream-schema.ts";
import { commandPage, fileName } from "./command-page.ts";
import { commentedModules } from "./commented-modules.ts";
import { eventsPage } from "./events-page.ts";
import { referencePages } from "./reference-pages.ts";

const root = new URL("../../", import.meta.url);
const EXAMPLE = /(?<=<!-- examples\/library\.ts -->\n\n```ts\n).*?(?=```\n)/s;

/** Every page that is made and not written, by its path from the root: what it should say. */
export async function docPages(): Promise<ReadonlyMap<string, string>> {
  const commands = await Promise.all(Object.values(COMMAND_LOADERS).map((load) => load()));
  const pages = commands.map(
    (command) => [`docs/commands/${fileName(command.name)}.md`, commandPage(command)] as const,
  );
  return new Map([
    ...pages,
    ...(await referencePages()),
    ...(await commentedModules()),
    ["docs/library.md", await libraryPage()],
    ["docs/events.md", eventsPage()],
    ["schema/events.schema.json", `${JSON.stringify(streamJsonSchema(), null, 2)}\n`],
  ]);
}

/** Written by hand but for the example. */
async function libraryPage(): Promise<string> {
  const [page, example] = await Promise.all([
    readFile(new URL("docs/library.md", root), "utf8"),
    readFile(new URL("examples/library.ts", root), "utf8"),
  ]);
  if (!EXAMPLE.test(page)) throw new Error("docs/library.md has no place for the example");
  return page.replace(EXAMPLE, () => example);
}
