import type { BackupEvent } from "../core/events.ts";
import type { Patience } from "../engine/patience.ts";
import type { Display } from "../engine/run.ts";

/** Who asks for work, and from where: the command line, or a program that uses the library. */
export interface Caller {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** As much as the engine's where absent. */
  readonly patience?: Patience | undefined;
}

/** A caller that is told how its run goes. */
export interface RunCaller extends Caller {
  readonly display: Display;
  /** Told every event in order. */
  readonly onEvent?: ((event: BackupEvent) => void) | undefined;
}
