import type { Hook, HookMoment } from "./contracts/hooks.ts";
import { toEventError } from "./event-error.ts";
import type { EventError } from "./events.ts";
import { formatPlural } from "./quantities.ts";

const SAID_CHARACTERS = 200;

export interface HookFailure {
  readonly hook: Hook;
  readonly on: HookMoment;
  readonly error: unknown;
  /** The end of what it printed. */
  readonly output: string | undefined;
}

/** In one sentence, with the last line that the hook printed: often that is where the reason is. */
export function explainHookFailure({ hook, on, error, output = "" }: HookFailure): EventError {
  const { code, message, hint } = toEventError(error);
  const isStopped = isStopCode(code);
  const tries = hook.retries > 0 && !isStopped ? ` after ${formatPlural(hook.retries + 1, "attempt")}` : "";
  const said = output.split("\n").at(-1)?.slice(-SAID_CHARACTERS) ?? "";
  const reason = said === "" || message.includes(said) ? message : `${message}; it said: ${said}`;
  return {
    code: isStopped ? code : "failed",
    message: `The hook ${hook.name} (${on} ${hook.scope}) failed${tries}: ${reason}`,
    ...(hint !== undefined && { hint }),
  };
}

/** Of what was stopped together with its run. */
export function isStopCode(code: EventError["code"] | undefined): boolean {
  return code === "interrupted" || code === "terminated";
}
