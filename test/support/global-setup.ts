import process from "node:process";
import type { TestProject } from "vitest/node";
import { takeDown } from "../../scripts/sandbox/down.ts";
import { findOwnEnvironment } from "../../scripts/sandbox/environment.ts";
import { bringUp } from "../../scripts/sandbox/up.ts";

let mustTakeDown = false;

/** Gives the tests a real Milvus and S3: the ones that SANDBOX_ variables name, those that run already, or new ones. */
export async function setup(project: TestProject): Promise<void> {
  const own = findOwnEnvironment(process.env);
  if (own !== undefined) {
    project.provide("sandbox", own);
    return;
  }
  const { environment, started } = await bringUp(tell);
  mustTakeDown = started;
  project.provide("sandbox", environment);
}

export async function teardown(): Promise<void> {
  if (mustTakeDown) await takeDown({ purge: false, report: tell });
}

function tell(line: string): void {
  process.stderr.write(`sandbox: ${line}\n`);
}
