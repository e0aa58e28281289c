import process from "node:process";
import type { Contest } from "../contest.ts";
import type { BenchWork } from "../work.ts";

/** What every command pays before it does anything. */
export function help(work: BenchWork): Contest {
  return {
    name: "--help",
    work: "the list of all commands; the peer is Node starting and doing nothing",
    ours: { name: "milvus-backup --help", command: work.cli("--help") },
    peers: [{ name: "node -e 0", command: [process.execPath, "-e", "0"] }],
    bounds: [{ seconds: 0.5, what: "half a second" }],
  };
}
