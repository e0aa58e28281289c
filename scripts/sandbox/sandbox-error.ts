/** What the person at the keyboard can act on: printed as a sentence and a hint, without a stack. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}
