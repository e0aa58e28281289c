import { z } from "zod";
import { definePlugin } from "../../src/plugin.ts";
import type { ObserverPlugin } from "../../src/plugin.ts";
import { formatMetrics } from "./format-metrics.ts";
import { keepSuccess } from "./keep-success.ts";
import { replaceFile } from "./replace-file.ts";

export interface MetricsTextfileOptions {
  /** The directory that node_exporter reads (--collector.textfile.directory); a file a policy and action is written there. */
  readonly path: string;
}

const options: z.ZodType<MetricsTextfileOptions, MetricsTextfileOptions> = z.strictObject({ path: z.string().min(1) });

/** Writes what became of each run for the textfile collector of Prometheus's node_exporter. */
export const metricsTextfile: ObserverPlugin = definePlugin({
  apiVersion: 1,
  name: "metrics-textfile",
  options,
  on: {
    finished: async (report, { options: { path }, signal }) => {
      const subject = report.policy ?? "none";
      const file = `${path}/milvus_backup_${report.action}_${subject.replaceAll(/[^\w-]/g, "_")}.prom`;
      const lastSuccess = await keepSuccess(file, report);
      await replaceFile(file, formatMetrics(report, { lastSuccess }), signal);
    },
  },
});
