import { createInterface } from "node:readline";
import { BackupError } from "../core/errors.ts";

export interface Asking {
  readonly question: string;
  readonly signal: AbortSignal;
}

/**
 * Asks on the one and reads a line from the other. The terminal stays as it is, so that ^C is the signal that it always
 * is; BackupError "usage" when the input ends without an answer.
 */
export function askOn(
  input: NodeJS.ReadableStream,
  output: { write(text: string): unknown },
  { question, signal }: Asking,
): Promise<string> {
  signal.throwIfAborted();
  output.write(question);
  const lines = createInterface({ input, terminal: false });
  return new Promise<string>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    lines.once("line", resolve);
    lines.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      reject(new BackupError("usage", "There was no answer", { hint: "answer with flags: --help names them" }));
    });
  }).finally(() => lines.close());
}
