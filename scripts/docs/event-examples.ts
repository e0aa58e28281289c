import type { StreamLine } from "../../src/report/stream-schema.ts";

export interface LineExample<Type extends StreamLine["type"] = StreamLine["type"]> {
  /** When it is printed, as a sentence. */
  readonly when: string;
  readonly line: Extract<StreamLine, { readonly type: Type }>;
}

const stamp = { at: "2026-11-24T02:00:00.000Z", runId: "20261124_020000_5f3a9c01" };
const backup = "nightly_20261124_020000";
const collection = { database: "shop", name: "orders" };
const counts = { rows: 2000, segments: 3, objects: 21, bytes: 460_769, notes: [] };
const finished = { collection, state: "complete", ...counts } as const;
const error = {
  code: "unreachable",
  message: "Connect on Milvus at localhost:19530 failed",
  hint: "Is Milvus up?",
} as const;
const remains = { place: ".milvus-backup/runs/20261122_020000_91ab4c01/", objects: 4, bytes: 18_211 };
const summary = `Backup ${backup} is complete: 1 collection, 2,000 rows, 450.0 KiB`;

/** An example of every line; one that is missing, or is no line, does not compile. */
export const LINE_EXAMPLES: { readonly [Type in StreamLine["type"]]: LineExample<Type> } = {
  "run.started": {
    when: "The run has its id; version is that of the stream.",
    line: { type: "run.started", ...stamp, version: 1, action: "backup" },
  },
  "plan.made": {
    when: "What will be done, in order, each step with its reason.",
    line: {
      type: "plan.made",
      ...stamp,
      plan: {
        version: 1,
        action: "backup",
        backup,
        policy: "nightly",
        source: "prod",
        target: "nas",
        steps: [
          { kind: "begin-backup", id: "begin", why: `${backup} is not there yet` },
          {
            kind: "back-up-collection",
            id: "shop.orders",
            why: "shop.* selects it",
            collection,
            collectionId: "445523",
            isNamed: false,
          },
          { kind: "commit-backup", id: "commit", why: "it makes the backup one" },
        ],
        hooks: [
          {
            name: "writer",
            scope: "run",
            on: "before",
            use: "command",
            why: "around the whole run; when it fails, what follows is not done",
          },
        ],
        warnings: [],
      },
    },
  },
  "step.started": {
    when: "A step of the plan begins; step is its id.",
    line: { type: "step.started", ...stamp, step: "shop.orders", kind: "back-up-collection" },
  },
  "step.progress": {
    when: "At the beginning of a phase, then at most every 10 seconds.",
    line: {
      type: "step.progress",
      ...stamp,
      step: "shop.orders",
      phase: "copy",
      done: 230_384,
      total: 460_769,
      unit: "bytes",
    },
  },
  "step.finished": {
    when: "A step is done, or failed: then error says why.",
    line: { type: "step.finished", ...stamp, step: "shop.orders", status: "done", ms: 412 },
  },
  "collection.finished": {
    when: "What became of one collection. Of a restore rowsFound is what Milvus reports, restoredTo the new name.",
    line: { type: "collection.finished", ...stamp, ...finished },
  },
  "hook.finished": {
    when: "A hook of the policy has ended: state is done, skipped (what follows is left out) or failed, onError what that means.",
    line: {
      type: "hook.finished",
      ...stamp,
      name: "writer",
      scope: "run",
      on: "before",
      state: "done",
      onError: "fail",
      attempts: 1,
      ms: 38,
      output: "paused",
    },
  },
  notice: {
    when: "Something that a person should know, which changes no state.",
    line: { type: "notice", ...stamp, message: "the storage refused a server-side copy: streaming instead" },
  },
  "backup.committed": {
    when: "From here on the backup exists.",
    line: { type: "backup.committed", ...stamp, backup, state: "complete" },
  },
  "gc.changed": {
    when: "Milvus's garbage collection is paused, is not, may not be any more, or goes on.",
    line: { type: "gc.changed", ...stamp, state: "paused", until: "2026-11-24T02:15:00.000Z" },
  },
  "target.finished": {
    when: "What became of the backup in a further target, where it is copied; error says why it is not there whole.",
    line: {
      type: "target.finished",
      ...stamp,
      name: "offsite",
      state: "complete",
      objects: counts.objects,
      bytes: counts.bytes,
    },
  },
  "check.finished": {
    when: "What a check of the backup in one target came to: verify, drill, and the policy's checks; damage names what is not as it was.",
    line: {
      type: "check.finished",
      ...stamp,
      backup,
      target: "nas",
      level: "checksum",
      verdict: "damaged",
      collections: 1,
      objects: counts.objects,
      bytes: counts.bytes,
      damage: [
        {
          kind: "changed",
          collection,
          partition: "445524",
          segment: "445530",
          key: "binlogs/insert_log/445523/445524/445530/445530/101/3",
          expected: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          found: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
          message: "its bytes are not those that were backed up",
        },
      ],
      damageFound: 1,
      unproven: [],
      notes: [],
    },
  },
  "prune.decided": {
    when: "What retention says of each backup of the policy in one target, before any of them goes.",
    line: {
      type: "prune.decided",
      ...stamp,
      policy: "nightly",
      target: "nas",
      allowed: 3,
      verdicts: [
        {
          name: backup,
          verdict: "keep",
          reasons: [
            "daily",
            "minKeep",
            "pinned: before the migration of the shop, by ann@ops, until 2027-06-30T00:00:00.000Z",
            "newest that holds shop.orders",
          ],
        },
      ],
    },
  },
  "backup.deleted": {
    when: "A backup is gone from a target; who deleted it and why is on record there.",
    line: { type: "backup.deleted", ...stamp, backup: "nightly_20261117_020000", target: "nas", objects: 27 },
  },
  "garbage.decided": {
    when: "What a gc found in one target: what is nobody's (due goes now, waiting in a later pass), what is not ours and is left.",
    line: {
      type: "garbage.decided",
      ...stamp,
      target: "nas",
      groups: [
        {
          kind: "run",
          ...remains,
          why: "of the backup nightly_20261122_020000, which is gone",
          state: "due",
          since: "2026-11-23T02:00:00.000Z",
        },
      ],
      unfinished: [],
      foreign: [],
      left: [],
    },
  },
  "garbage.deleted": {
    when: "What was nobody's is gone from a place; it is on record in the target.",
    line: { type: "garbage.deleted", ...stamp, target: "nas", ...remains },
  },
  "run.finished": {
    when: "The last event of a run.",
    line: { type: "run.finished", ...stamp, exitStatus: 0, summary },
  },
  report: {
    when: "After a run's last event: all that became of it. Its state is complete, partial, failed, interrupted or skipped.",
    line: {
      type: "report",
      version: 1,
      runId: stamp.runId,
      action: "backup",
      backup,
      policy: "nightly",
      source: "prod",
      target: "nas",
      state: "complete",
      exitStatus: 0,
      startedAt: stamp.at,
      finishedAt: "2026-11-24T02:00:05.000Z",
      collections: [finished],
      targets: [{ name: "nas", state: "complete", objects: counts.objects, bytes: counts.bytes }],
      errors: [],
      warnings: [],
      summary,
    },
  },
  "not-started": {
    when: "In place of a report, when the run of a policy came to an end before it wrote anything, or could not even begin.",
    line: { type: "not-started", version: 1, policy: "weekly", error, exitStatus: 14 },
  },
  summary: {
    when: "The last line when several policies, a group or all were asked for; exitStatus is the worst of them.",
    line: {
      type: "summary",
      version: 1,
      exitStatus: 14,
      policies: [
        { policy: "nightly", state: "complete", exitStatus: 0, backup, summary },
        { policy: "weekly", state: "not-started", exitStatus: 14, summary: error.message },
      ],
      summary: "1 of 2 policies complete",
    },
  },
};
