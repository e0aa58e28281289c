// Installs the dependencies when they are missing or not those of the lock file; runs before the demo and the tests.
// Plain JavaScript without dependencies, since nothing is installed yet when it runs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampPath = `${root}node_modules/.bootstrap`;

const wanted = digestOf("package.json", "package-lock.json");
if (readStamp() !== wanted) process.exitCode = install();

function install() {
  process.stderr.write("bootstrap: node_modules is missing or not up to date, running npm ci\n");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2], // stdout stays clean for whoever reads the demo's output
    shell: process.platform === "win32", // npm is npm.cmd there
  });
  if (error) process.stderr.write(`bootstrap: cannot run npm: ${error.message}\n`);
  if (status === 0) writeFileSync(stampPath, `${wanted}\n`);
  return status ?? 1;
}

function digestOf(...names) {
  const hash = createHash("sha256");
  for (const name of names) hash.update(readFileSync(root + name)).update("\0");
  return hash.digest("hex");
}

function readStamp() {
  try {
    return readFileSync(stampPath, "utf8").trim();
  } catch (error) {
    if (error.code === "ENOENT") return undefined; // never installed, or installed by hand
    throw error;
  }
}
