/** Enough for names, numbers and addresses: what is larger belongs into a file whose name is passed on. */
const MAX_CHARACTERS = 64 * 1024;
const NAME = /^[A-Za-z_]\w*$/;

/** What a hook gives for later ones, as strings. A TypeError that says what is wrong with it, never the value. */
export function checkHookValues(values: unknown): Readonly<Record<string, string>> {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new TypeError("The values of a hook are not a JSON object");
  const entries = Object.entries(values).map(([name, value]) => [name, toText(name, value)] as const);
  const size = entries.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
  if (size > MAX_CHARACTERS) throw new TypeError(`The values of a hook have ${size} characters, more than 65536`);
  return Object.fromEntries(entries);
}

function toText(name: string, value: unknown): string {
  if (!NAME.test(name)) throw new TypeError(`A value of a hook is called ${JSON.stringify(name)}, not as a variable`);
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TypeError(`The value ${name} of a hook is neither text nor a number`);
}
