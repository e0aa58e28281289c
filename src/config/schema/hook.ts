import { z } from "zod";
import type { HookCallConfig, HookConfig } from "../../core/contracts/hooks.ts";
import { DURATION_FORM, findDurationMs } from "../../core/duration.ts";
import type { Same } from "./same.ts";
import { nameSchema as name, textSchema as text } from "./words.ts";

/** Longer than any day: timers of the platform end at 24 days. */
const MAX_DURATION_MS = 24 * 3_600_000;

const duration = z.string().refine((value) => {
  const ms = findDurationMs(value);
  return ms !== undefined && ms > 0 && ms <= MAX_DURATION_MS;
}, `expected ${DURATION_FORM}, at most 24h`);

const scope = z.enum(["run", "source", "target", "action", "collection"]);
const options = z.record(z.string(), z.unknown());

const callKeys = {
  command: z.array(text).min(1, "expected a program and its arguments").optional(),
  shell: text.optional(),
  http: options.optional(),
  use: text.optional(),
  options: options.optional(),
  cwd: text.optional(),
  env: options.optional(),
};

/** What is wrong with it as a call, or undefined. */
type Fault = { readonly path: readonly string[]; readonly message: string } | undefined;

const WORKS = ["command", "shell", "http", "use"] as const;

function faultOfCall(call: HookCallConfig): Fault {
  const works = WORKS.filter((key) => call[key] !== undefined);
  const [work, second] = works;
  if (work === undefined) return { path: [], message: "expected what is run: command, shell, http or use" };
  if (second !== undefined) return { path: [second], message: `expected one of ${works.join(" and ")}, not both` };
  if (call.options !== undefined && work !== "use") return { path: ["options"], message: "options are of use only" };
  const isProcess = work === "command" || work === "shell";
  const stray = (["cwd", "env"] as const).find((key) => call[key] !== undefined && !isProcess);
  return stray === undefined ? undefined : { path: [stray], message: `${stray} is of command and shell only` };
}

const call = z.strictObject(callKeys).superRefine((value, context) => addFault(faultOfCall(value), context));

const hook = z
  .strictObject({
    ...callKeys,
    name: name.optional(),
    on: z.enum(["before", "after", "finally"]).optional(),
    scope: scope.optional(),
    around: scope.optional(),
    before: call.optional(),
    after: call.optional(),
    when: z
      .array(z.enum(["backup"]))
      .min(1)
      .optional(),
    states: z
      .array(z.enum(["complete", "partial", "failed", "interrupted", "skipped"]))
      .min(1)
      .optional(),
    timeout: duration.optional(),
    retries: z.number().int("expected a whole number").min(0).max(100).optional(),
    retryDelay: duration.optional(),
    onError: z.enum(["fail", "warn", "skip"]).optional(),
  })
  .superRefine((value, context) => addFault(faultOfHook(value), context));
export const hookSchema: z.ZodType<HookConfig, HookConfig> = hook satisfies Same<typeof hook, HookConfig, HookConfig>;

function faultOfHook(value: HookConfig): Fault {
  const { on, around } = value;
  if (on === undefined && around === undefined) return { path: [], message: "expected on or around: when it is run" };
  if (on !== undefined && around !== undefined) return { path: ["around"], message: "expected on or around, not both" };
  return around === undefined ? faultOfSingle(value) : faultOfPair(value);
}

function faultOfSingle(value: HookConfig): Fault {
  const { on, before, after, states, onError } = value;
  if (before !== undefined) return { path: ["before"], message: "before and after are of a pair, which has around" };
  if (after !== undefined) return { path: ["after"], message: "before and after are of a pair, which has around" };
  if (on === "before" && states !== undefined)
    return { path: ["states"], message: "before it there is no state yet: states are of after and finally" };
  if (on === "finally" && onError !== undefined)
    return { path: ["onError"], message: "a finally hook cannot change the result" };
  if (on === "after" && onError === "skip")
    return { path: ["onError"], message: 'after it there is nothing to skip, expected "fail" or "warn"' };
  return faultOfCall(value);
}

function faultOfPair(value: HookConfig): Fault {
  const { scope: stray, states, before, after, use } = value;
  if (stray !== undefined) return { path: ["scope"], message: "the scope of a pair is what around says" };
  if (states !== undefined)
    return { path: ["states"], message: "the after of a pair runs if and only if its before was begun" };
  if (use !== undefined && before === undefined && after === undefined) return faultOfCall(value);
  const stray2 = [...WORKS, "options", "cwd", "env"].find((key) => Object.hasOwn(value, key));
  if (stray2 !== undefined) return { path: [stray2], message: "a pair has this in its before and its after" };
  if (before === undefined || after === undefined)
    return { path: [], message: "expected before and after, or use with a plugin that has both" };
  return undefined;
}

function addFault(fault: Fault, context: z.RefinementCtx): void {
  if (fault !== undefined) context.addIssue({ code: "custom", path: [...fault.path], message: fault.message });
}
