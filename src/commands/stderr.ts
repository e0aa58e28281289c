import { EXIT_STATUS } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { BackupEvent } from "../core/events.ts";
import { describeEvent } from "../report/describe-event.ts";

/** What a failure is about, where that is not clear from the command. */
interface About {
  readonly policy?: string;
  readonly target?: string;
}

/** What stderr is told besides progress that is drawn. */
export interface Stderr {
  /** What a person should know meanwhile. */
  warn(line: string): void;
  /** What could not be done, and the next step; of a bug its stack. Gives back the exit status that it means. */
  fail(error: unknown, about?: About): ExitStatus;
  /** With JSON lines only: what a run does, in place of progress that is drawn. */
  readonly log?: (event: BackupEvent) => void;
}

interface Output {
  write(text: string): unknown;
}

/** For people: `error: …`, `hint: …`. */
export function openPretty(output: Output): Stderr {
  const warn = (line: string): void => void output.write(`${line}\n`);
  return {
    warn,
    fail: (error, { policy, target } = {}) => {
      const { code, message, hint } = toEventError(error);
      const subject = [policy, target].map((about) => (about === undefined ? "" : `${about}: `)).join("");
      if (code === "bug") {
        warn(`${stackOf(error) ?? message}\nThis is a bug in milvus-backup: please report it with the lines above`);
      } else {
        warn(`error: ${subject}${message}${hint === undefined ? "" : `\nhint: ${hint}`}`);
      }
      return EXIT_STATUS[code];
    },
  };
}

/** For programs that collect logs: a JSON object a line with level, time, msg, and of a run its id and the event. */
export async function openJsonLog(output: Output): Promise<Stderr> {
  const { pino, stdTimeFunctions } = await import("pino");
  const formatters = { level: (level: string) => ({ level }) };
  const logger = pino({ base: null, timestamp: stdTimeFunctions.isoTime, formatters }, output);
  return {
    warn: (line) => logger.warn(line),
    fail: (error, about = {}) => {
      const { code, message, hint } = toEventError(error);
      logger.error({ ...about, code, hint, ...(code === "bug" && { stack: stackOf(error) }) }, message);
      return EXIT_STATUS[code];
    },
    log: (event) => {
      const { level, message, facts } = describeEvent(event);
      logger[level](facts, message);
    },
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
