/** The processes of lock-racer.ts, as who drives them sees them. */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { programWords } from "./cli-words.ts";

export interface RacerOrder {
  /** Of the race: each has a target of its own. */
  readonly prefix: string;
  readonly role: "delete" | "backup";
  readonly runId: string;
  readonly staleMs: number;
}

/** A look that was passed, by the machine's monotonic clock. */
export interface Pass {
  readonly lookedAtMs: number;
  readonly passedAtMs: number;
}

export type RacerWord = { readonly at: "call" | "look" | "over" } | { readonly at: "end"; readonly passed?: Pass };

export interface Racer extends AsyncDisposable {
  begin(order: RacerOrder): void;
  /** Lets the next call of its storage happen. */
  step(): void;
  /** Waits until it is at a call, or has ended. */
  settle(): Promise<void>;
  /** It holds its lock, and looks next. */
  isAboutToLook(): boolean;
  /** Undefined while it contends. */
  end(): { readonly passed?: Pass } | undefined;
  /** Lets it give back what it holds. */
  finish(): Promise<void>;
  stop(): void;
  goOn(): void;
}

/** Starts one on a storage, which is given as its options and type. */
export function startRacer(place: object): Racer {
  const [program = "", ...words] = programWords(fileURLToPath(new URL("lock-racer.ts", import.meta.url)));
  const child = spawn(program, [...words, JSON.stringify(place)], { stdio: ["pipe", "pipe", "inherit"] });
  let gates = 0;
  let end: { readonly passed?: Pass } | undefined;
  let isOver = true;
  let isAtLook = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const hear = (word: RacerWord): void => {
    isAtLook = word.at === "look";
    if (word.at === "end") end = word;
    else if (word.at === "over") isOver = true;
    else gates += 1;
    wake();
  };
  const exited = new Promise<void>((resolve) => {
    child.on("close", (code, signal) => {
      failure = new Error(`A racer ended by itself: ${code ?? signal}`);
      wake();
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on("line", (line) => hear(JSON.parse(line) as RacerWord));
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const tell = (line: string): void => void child.stdin.write(`${line}\n`);
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(child.pid, name);
  };
  return {
    begin: (order) => {
      [gates, end, isOver] = [0, undefined, false];
      tell(JSON.stringify(order));
    },
    step: () => {
      gates -= 1;
      tell("go");
    },
    settle: () => until(() => gates > 0 || end !== undefined),
    isAboutToLook: () => isAtLook,
    end: () => end,
    finish: async () => {
      tell("finish");
      await until(() => isOver);
    },
    stop: () => signal("SIGSTOP"),
    goOn: () => signal("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      signal("SIGCONT");
      child.stdin.end();
      await exited;
    },
  };
}
