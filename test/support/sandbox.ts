import process from "node:process";
import { inject } from "vitest";
import type { SandboxEnvironment } from "../../scripts/sandbox/environment.ts";
import { findState } from "../../scripts/sandbox/state.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Provided by global-setup.ts. */
    readonly sandbox: SandboxEnvironment;
  }
}

export interface LocalMilvus {
  /** `host:port` */
  readonly address: string;
  /** The folder that has `insert_log/` in it. */
  readonly root: string;
}

export interface S3Milvus {
  readonly address: string;
  /** URL of the S3 server. */
  readonly endpoint: string;
  readonly bucket: string;
  /** The prefix that has `insert_log/` below it. */
  readonly root: string;
  readonly key: string;
  readonly secret: string;
}

/** The two Milvus servers that the global setup found or started. */
export function sandboxEnv(): { readonly local: LocalMilvus; readonly s3: S3Milvus } {
  const environment = inject("sandbox");
  return {
    local: { address: environment.SANDBOX_LOCAL_MILVUS, root: environment.SANDBOX_LOCAL_ROOT },
    s3: {
      address: environment.SANDBOX_S3_MILVUS,
      endpoint: environment.SANDBOX_S3_ENDPOINT,
      bucket: environment.SANDBOX_S3_BUCKET,
      root: environment.SANDBOX_S3_ROOT,
      key: environment.SANDBOX_S3_KEY,
      secret: environment.SANDBOX_S3_SECRET,
    },
  };
}

/** The management port of the local one: of a sandbox that somebody else runs it is told by a variable, or where Milvus has it. */
export async function localManagement(): Promise<string> {
  const own = (await findState())?.processes.find(({ address }) => address === sandboxEnv().local.address);
  const [health] = own?.healthUrls ?? [];
  if (health !== undefined) return new URL(health).origin;
  return process.env["SANDBOX_LOCAL_MANAGEMENT"] ?? "http://127.0.0.1:9091";
}
