/** npm run bench [-- CONTEST...]: all contests and the page docs/performance.md, or only some of them on the screen. */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ContestResult } from "./contest.ts";
import { CONTESTS } from "./contests/contests.ts";
import { factsOf } from "./facts.ts";
import { performancePage } from "./page.ts";
import { runContest } from "./run-contest.ts";
import { openWork } from "./work.ts";

const RUNS = 5;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => CONTESTS[name] === undefined);
if (unknown.length > 0)
  throw new TypeError(`There is no ${unknown.join(", ")}, but ${Object.keys(CONTESTS).join(", ")}`);

const report = (line: string): void => void process.stderr.write(`${line}\n`);
await using work = await openWork(report);
const results: ContestResult[] = [];
for (const [name, prepare] of Object.entries(CONTESTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  report(name);
  results.push(await runContest(await prepare(work), { runs: RUNS, folder: work.folder, report }));
}
const { SANDBOX_LOCAL_ROOT: data } = work.sandbox;
const root = fileURLToPath(new URL("..", import.meta.url));
const folders = [
  [data, "MILVUS_DATA"],
  [work.folder, "BENCH"],
  [root, ""],
  [process.execPath, "node"],
] as const;
const page = performancePage(results, { facts: await factsOf(work), runs: RUNS, folders });
if (asked.length === 0) await writeFile(fileURLToPath(new URL("../docs/performance.md", import.meta.url)), page);
process.stdout.write(page);
