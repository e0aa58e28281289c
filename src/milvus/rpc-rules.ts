import type { RpcName } from "./rpc.ts";

export interface RpcRule {
  /** Sending it twice is the same as sending it once, so a lost answer is no reason to give up. */
  readonly repeatable: boolean;
  readonly timeoutMs: number;
  /** How often that time may pass before one that is repeatable is given up. */
  readonly waits: number;
}

/** What a server says from memory: one that says nothing for so long has lost the question, and is asked once more. */
const LOOK: RpcRule = { repeatable: true, timeoutMs: 20_000, waits: 2 };
/** As long as there are collections or segments. */
const LIST: RpcRule = { repeatable: true, timeoutMs: 60_000, waits: 1 };
const WORK: RpcRule = { repeatable: true, timeoutMs: 600_000, waits: 1 };
const CHANGE: RpcRule = { repeatable: false, timeoutMs: 120_000, waits: 1 };
const SLOW_CHANGE: RpcRule = { repeatable: false, timeoutMs: 600_000, waits: 1 };

export const RPC_RULES: { readonly [Name in RpcName]: RpcRule } = {
  Connect: { repeatable: true, timeoutMs: 10_000, waits: 2 },
  GetVersion: LOOK,
  ListDatabases: LOOK,
  DescribeDatabase: LOOK,
  CreateDatabase: CHANGE,
  DropDatabase: CHANGE,
  ShowCollections: LIST,
  HasCollection: LOOK,
  DescribeCollection: LOOK,
  ShowPartitions: LOOK,
  DescribeIndex: LOOK,
  GetLoadState: LOOK,
  GetPartitionStatistics: LOOK,
  Search: WORK,
  Query: WORK,
  Flush: { ...WORK, timeoutMs: 300_000 },
  GetFlushState: LOOK,
  GetPersistentSegmentInfo: LIST,
  CreateCollection: SLOW_CHANGE,
  AddCollectionField: SLOW_CHANGE,
  AlterCollection: CHANGE,
  RenameCollection: CHANGE,
  DropCollection: SLOW_CHANGE,
  CreatePartition: SLOW_CHANGE,
  CreateIndex: SLOW_CHANGE,
  CreateAlias: CHANGE,
  AlterAlias: CHANGE,
  LoadCollection: SLOW_CHANGE,
  LoadPartitions: SLOW_CHANGE,
  ReleaseCollection: SLOW_CHANGE,
  Import: CHANGE,
  GetImportState: LOOK,
};
