/**
 * Settings of both test servers, as environment variables: section and key in upper case; they win over milvus.yaml.
 * What decides about the data (compaction, garbage collection, segment sizes) stays as it is in production: a backup
 * tool must live with compaction, and no test runs long enough for the garbage collection, which comes once an hour.
 */
export const milvusSettings: Readonly<Record<string, string>> = {
  // Tests write little on machines that may have little: no writes denied because a disk or the memory is nearly full.
  QUOTAANDLIMITS_ENABLED: "false",
  // A flush ends when the rights to add rows to a segment have expired (2 s unless told) and the channel checkpoints,
  // written once a minute unless told, have passed it. With these two it takes 0.5 s instead of 2.6 s.
  DATACOORD_SEGMENT_ASSIGNMENTEXPIRATION: "300",
  DATANODE_CHANNEL_UPDATECHANNELCHECKPOINTINTERVAL: "1",
  // Loading polls: 2.4 s instead of 5.6 s. Imported rows are seen in a loaded collection after 2 s instead of 10 s.
  QUERYCOORD_CHECKINTERVAL: "100",
  QUERYCOORD_CHECKSEGMENTINTERVAL: "100",
  QUERYCOORD_CHECKCHANNELINTERVAL: "100",
  QUERYCOORD_DISTPULLINTERVAL: "100",
  QUERYCOORD_UPDATENEXTTARGETINTERVAL: "2",
  INDEXCOORD_SCHEDULER_INTERVAL: "200",
  // Standard output is a file here already.
  LOG_FILE_ROOTPATH: "",
  LOG_LEVEL: "info",
};
