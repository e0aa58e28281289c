/**
 * The tool, which is killed right before its n-th change of what is in a directory: KILL_AT and KILL_BELOW say so. By
 * links, renames and deletions everything comes into a local storage and goes.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const { KILL_AT, KILL_BELOW = "" } = process.env;
let changes = 0;

/** Of a path of the directory; the last one that is given is where it ends. */
function count(paths: readonly unknown[]): void {
  if (!String(paths.at(-1)).startsWith(KILL_BELOW)) return;
  changes += 1;
  if (changes === Number(KILL_AT)) process.kill(process.pid, "SIGKILL");
}

const { rename, link, unlink } = fs;
fs.rename = async (from, to) => {
  count([from, to]);
  return await rename(from, to);
};
fs.link = async (existing, path) => {
  count([existing, path]);
  return await link(existing, path);
};
fs.unlink = async (path) => {
  count([path]);
  return await unlink(path);
};
syncBuiltinESMExports(); // those who import them by name have them, too
await import("../../src/cli.ts");
