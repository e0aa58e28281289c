import process from "node:process";
import type { Reporter } from "vitest/node";

/** What takes minutes: there it matters which file takes how many. */
const SLOW_PROJECTS = new Set(["long", "faults"]);

/** Tells at the end how long each file took, the longest first. */
export const fileTimes: Reporter = {
  onTestRunEnd: (modules) => {
    const slow = modules.filter(({ project }) => SLOW_PROJECTS.has(project.name));
    const times = slow.map((module) => ({ file: module.relativeModuleId, ms: module.diagnostic().duration }));
    for (const { file, ms } of times.toSorted((a, b) => b.ms - a.ms)) {
      process.stderr.write(`${(ms / 1000).toFixed(0).padStart(6)} s  ${file}\n`);
    }
  },
};
