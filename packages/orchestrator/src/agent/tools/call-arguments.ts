/** The arguments of a call. @throws Error - They are no JSON; the message is for a model. */
export function argumentsOf(input: string): unknown {
  if (input.trim() === "") return {};
  try {
    return JSON.parse(input);
  } catch (cause) {
    throw new Error(`failed to parse function arguments: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
