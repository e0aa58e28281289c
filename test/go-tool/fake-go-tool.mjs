#!/usr/bin/env node
// Plays the Go tool for harness.test.ts: a backup that it "makes" is the golden one of FAKE_GOLDEN, what it is called
// with goes to FAKE_CALLS, and a restore does nothing.
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const args = process.argv.slice(2);
const [, configFile, command, , name] = args;
const { backupRootPath } = JSON.parse(readFileSync(configFile, "utf8")).minio;
const directory = join(backupRootPath, name ?? "");
appendFileSync(process.env.FAKE_CALLS, `${JSON.stringify(args.slice(2))}\n`);

if (command !== "create" && !existsSync(directory)) {
  process.stderr.write(`backup ${name} not found\n`);
  process.exit(1);
}
switch (command) {
  case "create":
    cpSync(process.env.FAKE_GOLDEN, directory, { recursive: true });
    process.stdout.write("create backup success\n");
    break;
  case "list":
    process.stdout.write([">> Backups:", ...readdirSync(backupRootPath), ""].join("\n"));
    break;
  case "get":
    process.stdout.write(readFileSync(join(directory, "meta/backup_meta.json"), "utf8"));
    break;
  case "delete":
    rmSync(directory, { recursive: true });
    process.stdout.write("delete backup done\n");
    break;
  case "restore":
    process.stdout.write("duration:0.00 s\n");
    break;
}
