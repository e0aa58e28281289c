import { hostname, userInfo } from "node:os";

/** Who runs this process, as user@host; unknown@host where the user has no name. */
export function whoami(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // a user that only a container's number names, or no permission under Deno: no reason not to go on
  }
}
