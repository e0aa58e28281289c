export const table: Readonly<Record<string, readonly string[]>>;
export function refuse(file: string, specifier: string): string | undefined;
