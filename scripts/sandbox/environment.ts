/** Where a running sandbox is, as the variables that `npm run -s sandbox -- env` prints. */
export interface SandboxEnvironment {
  /** `host:port` of the Milvus that keeps its segments on the local disk. */
  readonly SANDBOX_LOCAL_MILVUS: string;
  /** Its localStorage.path: the folder that has `insert_log/` in it. */
  readonly SANDBOX_LOCAL_ROOT: string;
  /** `host:port` of the Milvus that keeps its segments in S3. */
  readonly SANDBOX_S3_MILVUS: string;
  /** A URL, `http://127.0.0.1:…`. */
  readonly SANDBOX_S3_ENDPOINT: string;
  readonly SANDBOX_S3_BUCKET: string;
  /** Its minio.rootPath: the prefix that has `insert_log/` below it. */
  readonly SANDBOX_S3_ROOT: string;
  /** There is an account `{key}-reader` with the same secret that may read and list, and nothing else. */
  readonly SANDBOX_S3_KEY: string;
  readonly SANDBOX_S3_SECRET: string;
}

const environmentNames: readonly (keyof SandboxEnvironment)[] = [
  "SANDBOX_LOCAL_MILVUS",
  "SANDBOX_LOCAL_ROOT",
  "SANDBOX_S3_MILVUS",
  "SANDBOX_S3_ENDPOINT",
  "SANDBOX_S3_BUCKET",
  "SANDBOX_S3_ROOT",
  "SANDBOX_S3_KEY",
  "SANDBOX_S3_SECRET",
];

/** The sandbox that somebody else runs and names by variables: all of them or none, since half of one is a mistake. */
export function findOwnEnvironment(variables: NodeJS.ProcessEnv): SandboxEnvironment | undefined {
  const missing = environmentNames.filter((name) => !variables[name]);
  if (missing.length === environmentNames.length) return undefined;
  if (missing.length > 0) throw new TypeError(`Some SANDBOX_ variables are set, but not ${missing.join(", ")}`);
  return Object.fromEntries(environmentNames.map((name) => [name, variables[name]])) as unknown as SandboxEnvironment; // every name was just seen to be set
}

export function formatEnvironment(environment: SandboxEnvironment): string {
  return environmentNames.map((name) => `${name}=${environment[name]}\n`).join("");
}
