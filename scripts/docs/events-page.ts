import { LINE_EXAMPLES } from "./event-examples.ts";

/** What `--json` prints, with an example of each line. */
export function eventsPage(): string {
  const sections = Object.entries(LINE_EXAMPLES).map(
    ([type, { when, line }]) => `## ${type}\n\n${when}\n\n\`\`\`json\n${JSON.stringify(line, null, 2)}\n\`\`\`\n`,
  );
  return [
    "<!-- Made by npm run docs from scripts/docs/events-page.ts -->\n",
    "# The event stream, version 1\n",
    [
      "`run`, `create`, `restore` and `delete` print with `--json` one JSON object a line (here they are broken into",
      "several). `npm` installs the schema of a line as `milvus-backup/schema/events.schema.json`.",
      "Members and types of lines may be added without a new version: a reader lets pass what it does not know. `--dry-run`",
      "prints the plan alone, without a type. What the library's `onEvent` is told are the events up to `run.finished`.\n",
    ].join("\n"),
    [
      "With `--log-format json` stderr gets the events as log lines in place of what is drawn: `level` (info, warn,",
      "error), `time`, `msg`, and the event's own members but `at`. Both may be said at once.\n",
    ].join("\n"),
    ...sections,
  ].join("\n");
}
