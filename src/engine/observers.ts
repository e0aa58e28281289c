import type { ObserverContext, ObserverPlugin } from "../core/contracts/observer.ts";
import { messageOf } from "../core/errors.ts";
import type { BackupEvent } from "../core/events.ts";
import type { RunReport } from "../core/report.ts";
import { unlessAborted } from "../io/unless-aborted.ts";

/** An observer with its options, not yet opened: secrets are revealed with the first call. */
export interface ObserverEntry {
  readonly plugin: ObserverPlugin;
  options(): Promise<unknown>;
}

export interface Observers {
  /** Never throws, never waits. */
  tell(event: BackupEvent): void;
  /** Waits until all has been told, the report last; gives what went wrong. */
  finish(report: RunReport | undefined): Promise<readonly string[]>;
}

/** An observer that does not come to its end is given so long before the run ends without it. */
const DEADLINE_MS = 30_000;

export function createObservers(
  entries: readonly ObserverEntry[],
  { directory, mask }: { readonly directory: string; mask(text: string): string },
): Observers {
  const patience = new AbortController();
  const queues = entries.map((entry) => createQueue(entry, { directory, signal: patience.signal, mask }));
  return {
    tell: (event) => queues.forEach((queue) => queue.tell(event)),
    finish: async (report) => {
      const late = new Error(`it did not end within ${DEADLINE_MS / 1000} s`);
      const timer = setTimeout(() => patience.abort(late), DEADLINE_MS);
      try {
        return (await Promise.all(queues.map((queue) => queue.finish(report)))).flat();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

interface Queue {
  tell(event: BackupEvent): void;
  finish(report: RunReport | undefined): Promise<readonly string[]>;
}

type QueueContext = Omit<ObserverContext<unknown>, "options"> & { mask(text: string): string };

/** Calls one observer after another's end, and no more after it threw. */
function createQueue({ plugin, options }: ObserverEntry, { mask, ...context }: QueueContext): Queue {
  const { on, name } = plugin;
  let failure: string | undefined;
  let opened: Promise<ObserverContext<unknown>> | undefined;
  let last = Promise.resolve();
  const open = async (): Promise<ObserverContext<unknown>> => ({ ...context, options: await options() });
  const add = (what: string, handle: (context: ObserverContext<unknown>) => Promise<void> | void): void => {
    const before = last;
    const turn = async (): Promise<void> => {
      await before;
      if (failure !== undefined) return;
      try {
        opened ??= open();
        const handled = handle(await opened);
        if (handled !== undefined) await unlessAborted(handled, context.signal);
      } catch (error) {
        failure = mask(`The plugin ${name} failed (${what}): ${messageOf(error)}`);
      }
    };
    last = turn();
  };
  return {
    tell: (event) => {
      if (on.planned !== undefined && event.type === "plan.made")
        add("planned", (with_) => on.planned?.(event.plan, with_));
      if (on.event !== undefined) add("event", (with_) => on.event?.(event, with_));
    },
    finish: async (report) => {
      if (on.finished !== undefined && report !== undefined) add("finished", (with_) => on.finished?.(report, with_));
      await last;
      return failure === undefined ? [] : [failure];
    },
  };
}
