import type { Command } from "./command.ts";

/** Every command by name; a command's file is loaded when it is called, or named in the help. */
export const COMMAND_LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init.ts")).init,
  run: async () => (await import("./run.ts")).run,
  plan: async () => (await import("./plan.ts")).plan,
  create: async () => (await import("./create.ts")).create,
  list: async () => (await import("./list.ts")).list,
  get: async () => (await import("./get.ts")).get,
  delete: async () => (await import("./delete.ts")).deleteCommand,
  unlock: async () => (await import("./unlock.ts")).unlock,
  prune: async () => (await import("./prune.ts")).prune,
  gc: async () => (await import("./gc.ts")).gc,
  pin: async () => (await import("./pin.ts")).pin,
  unpin: async () => (await import("./unpin.ts")).unpin,
  copy: async () => (await import("./copy.ts")).copy,
  verify: async () => (await import("./verify.ts")).verify,
  drill: async () => (await import("./drill.ts")).drill,
  rewrap: async () => (await import("./rewrap.ts")).rewrap,
  restore: async () => (await import("./restore.ts")).restore,
  check: async () => (await import("./check.ts")).check,
  status: async () => (await import("./status.ts")).status,
  history: async () => (await import("./history.ts")).history,
  completion: async () => (await import("./completion.ts")).completion,
  validate: async () => (await import("./validate.ts")).validate,
  "config show": async () => (await import("./config-show.ts")).configShow,
  "config import": async () => (await import("./config-import.ts")).configImport,
  "config schema": async () => (await import("./config-schema.ts")).configSchema,
};

/** The name that a command line begins with, of two words where the first is a group's, and what stands behind it. */
export function splitName([first = "", ...others]: readonly string[]): readonly [name: string, ...rest: string[]] {
  const [second = "", ...rest] = others;
  const isGroup = Object.keys(COMMAND_LOADERS).some((name) => name.startsWith(`${first} `));
  return isGroup && /^\w/.test(second) ? [`${first} ${second}`, ...rest] : [first, ...others];
}
