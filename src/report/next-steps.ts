import type { TargetOutcome } from "../core/events.ts";
import type { RunReport, RunState } from "../core/report.ts";

/** What a person can do now, a line each; nothing after a restore or a deletion that is whole. */
export function nextSteps(report: RunReport): readonly string[] {
  const steps = stepsAfter(report);
  if (report.policy !== undefined || steps.length === 0) return steps;
  return [...steps, "(with the --target of this run, if it had one)"];
}

function stepsAfter(report: RunReport): readonly string[] {
  const { action, state, backup } = report;
  if (action === "backup") return afterBackup(report);
  if (state === "complete") return [];
  if (action === "copy")
    return state === "partial"
      ? []
      : [
          `milvus-backup copy ${backup} --to ${report.target} tries again once that is mended, and goes on where it stopped`,
        ];
  if (action === "verify") {
    return report.checks?.some(({ verdict }) => verdict === "damaged")
      ? [`milvus-backup verify ${backup} --repair heals what another target or the source still has`]
      : [];
  }
  return (
    AFTER_DELETING[action]?.(report) ?? [
      `milvus-backup restore ${backup} --collections GLOB brings back what is not done, once that is mended;`,
      "with --on-conflict replace where something is there already",
    ]
  );
}

const AFTER_DELETING: Partial<Record<RunReport["action"], (report: RunReport) => readonly string[]>> = {
  prune: ({ policy }) => [`milvus-backup prune ${policy} --yes goes on, once that is mended`],
  gc: ({ target }) => [`milvus-backup gc ${target} --yes goes on, once that is mended`],
  delete: ({ backup }) => [`milvus-backup delete ${backup} --yes finishes what was begun`],
};

function afterBackup(report: RunReport): readonly string[] {
  const { backup, targets: [written, ...further] = [] } = report;
  const isWritten = written?.state === "complete" || written?.state === "partial";
  return [
    ...stepsFor(report, written?.state ?? report.state),
    ...further
      .filter((target) => isWritten && mayHaveRest(target))
      .map(
        ({ name }) => `milvus-backup delete ${backup} --target ${name} --yes removes what it left there, if anything`,
      ),
  ];
}

/** What was refused is another's: nobody should be told to delete that. */
function mayHaveRest({ state, error }: TargetOutcome): boolean {
  return state === "interrupted" || (state === "failed" && error?.code !== "refused" && error?.code !== "locked");
}

function stepsFor({ backup, policy }: RunReport, state: RunState): readonly string[] {
  const again = policy === undefined ? "milvus-backup create takes" : `milvus-backup run ${policy} takes`;
  switch (state) {
    case "complete":
      return [`milvus-backup get ${backup} shows what is in it`, `milvus-backup restore ${backup} brings it back`];
    case "partial":
      return [
        `milvus-backup get ${backup} shows what is in it, which can be restored`,
        `${again} a whole one, once what is not done is mended`,
      ];
    case "failed":
    case "interrupted":
      return [
        `${again} another one, once what is not done is mended: this is no backup`,
        `milvus-backup delete ${backup} --yes removes what it left, if anything`,
      ];
    case "skipped":
      return [];
  }
}
