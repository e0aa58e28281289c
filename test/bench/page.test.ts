import { expect, it } from "vitest";
import type { Bound, Contest, ContestResult } from "../../bench/contest.ts";
import { performancePage } from "../../bench/page.ts";

const turns = (...seconds: readonly number[]) =>
  seconds.map((each) => ({ seconds: each, peakBytes: each * 100 * 2 ** 20 }));

function resultWith(bounds: readonly Bound[]): ContestResult {
  const ours = { name: "ours", command: ["/usr/bin/node", "/tmp/work/cli.js", "it's"] };
  const peer = { name: "cp", command: ["cp", "-r", "/tmp/work/data"] };
  const contest: Contest = { name: "copy", work: "all of it", ours, peers: [peer], bounds };
  return {
    contest,
    standings: [
      { ...ours, turns: turns(3, 1, 2) },
      { ...peer, turns: turns(1, 1, 4) },
    ],
  };
}

const facts = {
  facts: ["2 cores"],
  runs: 3,
  folders: [
    ["/tmp/work", "WORK"],
    ["/usr/bin/node", "node"],
  ],
} as const;

it("performancePage() shows medians, ratios to each peer, the most memory, and the commands without this machine's paths", () => {
  const page = performancePage([resultWith([])], facts).split("\n");
  expect(page).toContain("- 2 cores");
  expect(page).toContain("| ours | 2.00 (1.00 to 3.00) | 1.00 | 300 MiB |");
  expect(page).toContain("| cp | 1.00 (1.00 to 4.00) | 2.00 | 400 MiB |");
  expect(page).toContain("node WORK/cli.js 'it'\\''s'");
  expect(page).toContain("cp -r WORK/data");
});

it("performancePage() says of each bound whether it was kept, reckoned from the peers of the same run", () => {
  const bounds: readonly Bound[] = [
    { times: 1.5, peer: "cp", plusSeconds: 0.5, plusWhat: "the flush" },
    { times: 1.5, peer: "cp", plusSeconds: 0, plusWhat: "" },
    { seconds: 2, what: "two seconds" },
  ];
  const page = performancePage([resultWith(bounds)], facts);
  expect(page).toContain("- Bound: 1.5 × cp + the flush = 2.00 s: kept (2.00 s).");
  expect(page).toContain("- Bound: 1.5 × cp = 1.50 s: **not kept** (2.00 s).");
  expect(page).toContain("- Bound: two seconds = 2.00 s: kept (2.00 s).");
  expect(page).toContain("- Memory: **over** 300 MiB.");
});
