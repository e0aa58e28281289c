export interface StatusRow {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  readonly health: string;
}

/** A small table, its columns as wide as what is in them. */
export function formatStatus(rows: readonly StatusRow[]): string {
  const header = ["name", "address", "pid", "health"];
  const cells = rows.map(({ name, address, pid, health }) => [name, address, String(pid), health]);
  const table = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
