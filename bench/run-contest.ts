import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contender, Contest, ContestResult, Standing, Turn } from "./contest.ts";

const script = fileURLToPath(new URL("measure.py", import.meta.url));

export interface RunOptions {
  readonly runs: number;
  /** Where what the commands print goes. */
  readonly folder: string;
  readonly report: (line: string) => void;
}

/** All take their turns one after another, so that a slower hour of the machine is everybody's; the first round is not counted. */
export async function runContest(contest: Contest, { runs, folder, report }: RunOptions): Promise<ContestResult> {
  const contenders = [contest.ours, ...contest.peers];
  const turns = new Map<Contender, Turn[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= runs; round += 1) {
    for (const contender of contenders) {
      const turn = await takeTurn(contender, join(folder, "output.log"));
      const label = round === 0 ? "warm-up" : `${round} of ${runs}`;
      report(`  ${label}: ${contender.name} ${turn.seconds.toFixed(2)} s`);
      if (round > 0) turns.get(contender)?.push(turn);
    }
  }
  const standing = (contender: Contender): Standing => ({ ...contender, turns: turns.get(contender) ?? [] });
  return { contest, standings: [standing(contest.ours), ...contest.peers.map(standing)] };
}

async function takeTurn({ name, command, env, prepare }: Contender, log: string): Promise<Turn> {
  await prepare?.();
  const options = { cwd: "/", env: { ...process.env, ...env } }; // no config of ours lies above it
  const { stdout } = await promisify(execFile)("python3", [script, log, ...command], options);
  const { status, ...turn } = JSON.parse(stdout) as Turn & { readonly status: number };
  if (status !== 0)
    throw new Error(`${name} ended with ${status}: ${command.join(" ")}\n${await readFile(log, "utf8")}`);
  return turn;
}
