// Installs the dependencies when what is in node_modules is not what the lock file says; runs before the demo and the
// tests. Plain JavaScript without dependencies, since nothing may be installed yet when it runs.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const reason = findReason();
if (reason !== undefined) process.exitCode = install(reason);

/** Why an install is due; npm itself keeps a record of what it has installed, and writes it last. */
function findReason() {
  const installed = readPackages("node_modules/.package-lock.json");
  if (installed === undefined) return "there is no node_modules yet";
  const wanted = Object.entries(readPackages("package-lock.json") ?? {});
  const differs = wanted.find(([path, entry]) => path !== "" && !isSame(entry, installed[path]));
  return differs && `${differs[0]} is not as in package-lock.json`;
}

function isSame(wanted, installed) {
  if (installed === undefined) return wanted.optional === true || wanted.devOptional === true; // for another platform
  return wanted.version === installed.version && wanted.integrity === installed.integrity;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(root + path, "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined; // never installed
    throw error;
  }
}

/**
 * npm ci refuses a lock file without the packages of other platforms, which is what npm writes where a registry has
 * none of them; npm install takes the versions from it all the same.
 */
function install(why) {
  process.stderr.write(`bootstrap: ${why}, running npm ci\n`);
  if (npm("ci", "--loglevel=silent") === 0) return 0;
  process.stderr.write("bootstrap: npm ci refused, running npm install --no-save\n");
  return npm("install", "--no-save");
}

function npm(...args) {
  const { status, error } = spawnSync("npm", [...args, "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2], // stdout belongs to what runs next
    shell: process.platform === "win32", // npm is npm.cmd there
  });
  if (error) process.stderr.write(`bootstrap: cannot run npm: ${error.message}\n`);
  return status ?? 1;
}
