import process from "node:process";
import { defineConfig } from "vitest/config";
import { fileTimes } from "./test/support/file-times.ts";

const shared = { pool: "forks" as const, maxWorkers: 2, testTimeout: 20_000, hookTimeout: 60_000 };
const witness = "test/go-tool/witness.test.ts";
const goTool = {
  extends: true as const,
  test: {
    ...shared,
    name: "go-tool",
    include: [witness],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 300_000,
  },
};

/** unit: seconds, no server. smoke and sandbox: on the real Milvus and S3, brought up by the global setup. long and faults: on the same, by `npm run test:long` and `npm run test:faults` only. go-tool: there when a program is. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    reporters: ["default", fileTimes],
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "unit",
          isolate: false, // each worker evaluates zod, the SDKs and the code once, not once a file: half the processor time
          include: ["test/**/*.test.ts"],
          exclude: ["test/sandbox/**", "test/long/**", "test/faults/**", witness],
        },
      },
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
          maxWorkers: 3, // more than processors, since they wait; not many, since all imports of Milvus 2.3 wait in one queue
          sequence: { groupOrder: 1 }, // behind the others, who have as many workers as processors
          include: ["test/sandbox/**/*.test.ts"],
          exclude: ["test/sandbox/smoke.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "long",
          include: ["test/long/**/*.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 1_800_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 1_800_000,
        },
      },
      ...(process.env["MILVUS_BACKUP_GO_BIN"] ? [goTool] : []),
    ],
  },
});
