const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** 1536 → "1.5 KiB"; whole bytes have no decimals. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), BYTE_UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** "1.5 KiB" → 1536; a number alone is of bytes, and letters may be small. Undefined for what is no size. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit = "B"] = /^(\d+(?:\.\d+)?) ?([KMGTP]iB|B)?$/i.exec(text) ?? [];
  const power = BYTE_UNITS.findIndex((one) => one.toLowerCase() === unit.toLowerCase());
  return number === undefined ? undefined : Math.round(Number(number) * 1024 ** power);
}

/** 9850 → "9,850", whatever the machine's locale. */
export function formatCount(count: number | bigint): string {
  return count.toString().replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "1 row", "2 rows". */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 73_000 → "1m 13s"; below ten seconds with one decimal. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .map(([value, unit]) => `${value}${unit}`)
    .join(" ");
}
