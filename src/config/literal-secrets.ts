/** Keys whose values are secrets, in our own options and in those of plugins. */
const SECRET_KEY =
  /(?:password|passphrase|secret|secret_?key|secret_?access_?key|account_?key|private_?key|api_?key|token|connection_?string)$/i;

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** The secrets that stand in the data in plain text: they must not be shown, even in the message that refuses them. */
export function findLiteralSecrets(data: unknown): readonly string[] {
  const seen = new Set<object>(); // an alias may contain itself
  const collect = (value: unknown): readonly string[] => {
    if (typeof value !== "object" || value === null || seen.has(value)) return [];
    seen.add(value);
    return Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
      typeof item === "string" && isSecretKey(key) ? [item] : collect(item),
    );
  };
  return collect(data).filter((secret) => secret !== "");
}

/** Whether a line of a file may not be quoted. Of a file that cannot be parsed only the line itself can tell. */
export function holdsSecret(line: string, secrets: readonly string[]): boolean {
  const assignment = /([\w-]+)["']?\s*[:=]\s*[^\s{]/g;
  const isAssigned = [...line.matchAll(assignment)].some(([, key = ""]) => isSecretKey(key));
  return (
    isAssigned ||
    hasUrlWithUser(line) ||
    secrets.flatMap((secret) => secret.split("\n")).some((part) => part !== "" && line.includes(part))
  );
}

/** `https://user:password@host` */
function hasUrlWithUser(line: string): boolean {
  return /:\/\/[^/\s]*@/.test(line);
}
