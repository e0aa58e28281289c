import { z } from "zod";
import type { HookCallConfig, HookConfig } from "../../core/contracts/hooks.ts";
import { DURATION_FORM, findDurationMs } from "../../core/duration.ts";
import type { Same } from "../../core/same.ts";
import { nameSchema as name, textSchema as text } from "./words.ts";

/** Longer than any day: timers of the platform end at 24 days. */
const MAX_DURATION_MS = 24 * 3_600_000;

const duration = z.string().refine((value) => {
  const ms = findDurationMs(value);
  return ms !== undefined && ms > 0 && ms <= MAX_DURATION_MS;
}, `expected ${DURATION_FORM}, at most 24h`);

const scope = z.enum(["run", "source", "target", "action", "collection"]);
const options = z.record(z.string(), z.unknown());

/** What is run: exactly one of the first four. */
const callKeys = {
  command: z
    .array(text)
    .min(1, "expected a program and its arguments")
    .optional()
    .describe("Program and arguments, run without a shell."),
  shell: text.optional().describe("A line for /bin/sh."),
  http: options.optional().describe("A request: `url`, `method`, `headers`, `body`."),
  use: text.optional().describe("The name of a hook plugin."),
  options: options.optional().describe("Of `use`: the plugin's own; a Secret may stand for any text."),
  cwd: text.optional().describe("Of command and shell, relative to the config's folder, which it is when absent."),
  env: options
    .optional()
    .describe("Of command and shell: variables besides the tool's own; a Secret may stand for any of them."),
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
    name: name.optional().describe("What events, reports and plans call it; from its place in the list when absent."),
    on: z.enum(["before", "after", "finally"]).optional().describe("When it is run, of the scope."),
    scope: scope.optional().describe("Of `on`: what it is run around; run when absent."),
    around: scope.optional().describe("The scope of a pair: `before` and `after`, or a plugin that has both."),
    ...callKeys,
    before: call.optional().describe("Of a pair."),
    after: call.optional().describe("Of a pair: it runs if and only if its before was begun."),
    when: z
      .array(z.enum(["backup"]))
      .min(1)
      .optional()
      .describe("Only around these actions; around all of them when absent."),
    states: z
      .array(z.enum(["complete", "partial", "failed", "interrupted", "skipped"]))
      .min(1)
      .optional()
      .describe("Of after and finally: only when it ended so; always when absent."),
    timeout: duration.optional().describe('Of one attempt, as "30s" or "2m"; 5m when absent.'),
    retries: z
      .number()
      .int("expected a whole number")
      .min(0)
      .max(100)
      .optional()
      .describe("Attempts after the first one; 0 when absent."),
    retryDelay: duration.optional().describe("Between two attempts; 1s when absent."),
    onError: z.enum(["fail", "warn", "skip"]).optional().describe("What a failure means; fail when absent."),
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
