const DECIMAL = /^(?:0|-?[1-9][0-9]{0,18})$/;

/** The partition id that stands for all partitions. */
export const ALL_PARTITIONS = -1n;

/** An int64 in plain decimal: no sign but "-", no leading zero, no space. Undefined for anything else. */
export function parseId(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const id = BigInt(text);
  return BigInt.asIntN(64, id) === id ? id : undefined;
}
