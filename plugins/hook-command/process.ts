import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import process from "node:process";
import { StringDecoder } from "node:string_decoder";

export interface ProcessOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For its standard input. */
  readonly input: string;
  readonly killAfterMs: number;
  readonly signal: AbortSignal;
  say(text: string): void;
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly exitStatus: number | undefined;
  readonly signal: string | undefined;
}

/**
 * Runs a program in a process group of its own, so that all it starts can be ended with it: when the signal aborts, by
 * SIGTERM and then by SIGKILL; and what it left behind when it has ended. A process that is to go on leaves the group
 * (setsid).
 */
export async function runProcess(options: ProcessOptions): Promise<Ended> {
  const { argv, cwd, env, signal } = options;
  const [program = "", ...args] = argv;
  signal.throwIfAborted();
  createGroup(NOBODY).kill("SIGCONT"); // throws where Deno would not let us end what we begin
  const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: "pipe" });
  const group = createGroup(child);
  const ended = waitFor(child, { ...options, onExit: group.end });
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    group.kill("SIGTERM");
    timer = setTimeout(() => group.kill("SIGKILL"), options.killAfterMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  process.once("exit", group.end);
  try {
    return await ended;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    process.removeListener("exit", group.end);
  }
}

interface Group {
  kill(signal: NodeJS.Signals): void;
  /** At once, all that is left. */
  readonly end: () => void;
}

/** Linux and macOS have no process ids as high as that. */
const NOBODY = { pid: 2 ** 31 - 1 };

function createGroup({ pid }: Pick<ChildProcessWithoutNullStreams, "pid">): Group {
  const kill = (signal: NodeJS.Signals): void => {
    if (pid === undefined) return; // it was never there
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if (!isKillError(error)) throw error;
    }
  };
  return { kill, end: () => kill("SIGKILL") };
}

/** Nothing is left of the group, or what is left is another user's: then the host gives up waiting. */
function isKillError(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}

/** So long the last of the output may take once the program has ended: what it left behind may hold the pipes for ever. */
const DRAIN_MS = 1000;

interface Waiting extends Pick<ProcessOptions, "argv" | "input" | "say"> {
  onExit(): void;
}

function waitFor(child: ChildProcessWithoutNullStreams, { argv, input, say, onExit }: Waiting): Promise<Ended> {
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    stream.on("data", (bytes: Buffer) => say(decoder.write(bytes)));
  }
  child.stdin.on("error", () => {}); // EPIPE: a hook need not read what it is told
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(`cannot run ${argv[0]} (${error.code ?? error.message})`, { cause: error }));
    });
    child.on("exit", (code, signal) => {
      onExit();
      const ended = { exitStatus: code ?? undefined, signal: signal ?? undefined };
      const timer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(ended);
      }, DRAIN_MS);
      child.on("close", () => {
        clearTimeout(timer);
        resolve(ended);
      });
    });
  });
}
