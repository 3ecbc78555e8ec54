/** The text of any thrown value: an error's message, a string, or a phrase for anything that has no text. */
export function describeError(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message;
    return typeof thrown === "string" ? thrown : "a value that is no error was thrown";
  } catch {
    return "an error without a readable message was thrown";
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
