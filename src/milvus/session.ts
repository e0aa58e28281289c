import type { Clock } from "../io/clock.ts";
import type { Caller } from "./call.ts";
import type { Capabilities } from "./capabilities.ts";
import type { MilvusService } from "./proto.ts";
import type { MilvusVersion } from "./version.ts";

/** An open connection to one Milvus, shared by everything that talks to it. Disposing it closes the channel. */
export interface MilvusSession extends AsyncDisposable {
  /** "host:port". */
  readonly address: string;
  readonly version: MilvusVersion;
  readonly capabilities: Capabilities;
  /** What an operator should know about this server, such as a version newer than any tried. */
  readonly warnings: readonly string[];
  readonly clock: Clock;
  readonly service: MilvusService;
  /** For this folder: everyone else uses the functions that take a session. */
  readonly send: Caller;
}
