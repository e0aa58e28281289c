import process from "node:process";
import { parseArgs } from "node:util";
import { takeDown } from "./down.ts";
import { formatEnvironment } from "./environment.ts";
import { healthOf } from "./health.ts";
import { SandboxError } from "./sandbox-error.ts";
import { findState } from "./state.ts";
import { formatStatus } from "./status.ts";
import { bringUp } from "./up.ts";

const usage = `Usage: npm run -s sandbox -- COMMAND

  up              start Milvus on a local disk, Milvus on S3 and an S3 server, or find them running
  down [--purge]  end them; the data stays until the next up, unless purged
  status          what runs where
  env             where everything is, as KEY=value lines
`;

const started = performance.now();

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SandboxError)) throw error;
  tell(error.message);
  if (error.hint !== undefined) tell(error.hint);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { purge: { type: "boolean" } } });
  switch (positionals.join(" ")) {
    case "up":
      return up();
    case "down":
      await takeDown({ purge: values.purge ?? false, report: tell });
      return 0;
    case "status":
      return status();
    case "env":
      return environment();
    default:
      process.stderr.write(usage);
      return 2;
  }
}

async function up(): Promise<number> {
  const { started: isNew } = await bringUp(tell);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  tell(isNew ? `up after ${seconds} s; npm run -s sandbox -- env says where` : "already up");
  return 0;
}

async function status(): Promise<number> {
  const state = await findState();
  if (state === undefined) throw notUp();
  const rows = await Promise.all(
    state.processes.map(async (server) => ({ ...server, health: await healthOf(server) })),
  );
  process.stdout.write(formatStatus(rows));
  return rows.every(({ health }) => health === "ok") && state.status === "up" ? 0 : 1;
}

async function environment(): Promise<number> {
  const state = await findState();
  if (state?.status !== "up") throw notUp();
  const health = await Promise.all(state.processes.map(healthOf));
  const sick = state.processes.filter((_, index) => health[index] !== "ok");
  if (sick.length > 0) {
    throw new SandboxError(`The sandbox is up, but ${sick.map(({ name }) => name).join(" and ")} does not answer`, {
      hint: "npm run -s sandbox -- status says more, npm run -s sandbox -- up starts anew",
    });
  }
  process.stdout.write(formatEnvironment(state.environment));
  return 0;
}

function notUp(): SandboxError {
  return new SandboxError("The sandbox is not up", { hint: "Start it by npm run -s sandbox -- up" });
}

function tell(line: string): void {
  process.stderr.write(`sandbox: ${line}\n`);
}
