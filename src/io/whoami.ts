import { hostname, userInfo } from "node:os";
import process from "node:process";

/** Who runs this process, as user@host; the number where the user has no name, as in containers. */
export function whoami(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown"); // no entry in the passwd file, or no permission under Deno
  }
}
