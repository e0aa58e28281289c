/** Takes the backup of a policy and restores it beside the original: `tsx examples/library.ts nightly`. */
import process from "node:process";
import { EXIT_STATUS, isBackupError, listBackups, restoreBackup, runPolicy } from "milvus-backup";
import type { BackupEvent } from "milvus-backup";

const [policy = "nightly"] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

try {
  const options = { onEvent: tell, signal: stop.signal };
  const taken = await runPolicy({ ...options, policy });
  console.log(taken.summary);
  if (taken.state === "complete") {
    const [newest] = await listBackups();
    console.log(`The newest of ${newest?.target} is ${newest?.name}`);
    const restored = await restoreBackup({ ...options, backup: taken.backup, suffix: "_restored" });
    console.log(restored.summary);
    process.exitCode = restored.exitStatus;
  } else {
    process.exitCode = taken.exitStatus;
  }
} catch (error) {
  if (!isBackupError(error)) throw error;
  console.error(`${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`);
  process.exitCode = EXIT_STATUS[error.code];
}

function tell(event: BackupEvent): void {
  switch (event.type) {
    case "run.started":
      return console.log(`${event.runId}: ${event.action}`);
    case "plan.made":
      return console.log(`${event.plan.steps.length} steps to ${event.plan.target}`);
    case "step.progress":
      return console.log(`${event.step}: ${event.phase} ${event.done} of ${event.total} ${event.unit}`);
    case "step.finished":
      return console.log(`${event.step} is ${event.status} after ${event.ms} ms`);
    case "collection.finished":
      return console.log(`${event.collection.database}.${event.collection.name}: ${event.state}, ${event.rows} rows`);
    case "backup.committed":
      return console.log(`${event.backup} is committed, ${event.state}`);
    case "hook.finished":
      return console.log(`The hook ${event.name} (${event.on} ${event.scope}) is ${event.state}`);
    case "notice":
      return console.log(event.message);
    case "run.finished":
      return console.log(`Exit status ${event.exitStatus}`);
  }
}
