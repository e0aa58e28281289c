import { defineConfig } from "vitest/config";

const shared = { pool: "forks" as const, testTimeout: 20_000, hookTimeout: 60_000 };

/** unit: seconds, no server. smoke and sandbox: on the real Milvus and S3, brought up by the global setup. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    projects: [
      { extends: true, test: { ...shared, name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/sandbox/**"] } },
      {
        extends: true,
        test: {
          ...shared,
          name: "smoke",
          include: ["test/sandbox/smoke.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "sandbox",
          include: ["test/sandbox/**/*.test.ts"],
          exclude: ["test/sandbox/smoke.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
