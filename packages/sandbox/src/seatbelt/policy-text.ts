import { SandboxError } from "../sandbox-error.ts";

/** Collects the paths of a policy. They reach it as parameters, so no name can end a string of the policy and add a rule. */
export class PolicyParameters {
  readonly #values = new Map<string, string>();

  /** The expression that stands for `value` in the policy. */
  set(key: string, value: string): string {
    this.#values.set(key, value);
    return `(param "${key}")`;
  }

  /** As arguments of `sandbox-exec`. */
  toArgs(): readonly string[] {
    return [...this.#values].map(([key, value]) => `-D${key}=${value}`);
  }
}

/** `(allow OPERATIONS` and one filter per line. Nothing for no filters: without one it would allow everything. */
export function rule(action: "allow" | "deny", operations: string, filters: readonly string[]): string {
  return filters.length === 0 ? "" : `(${action} ${operations}\n  ${filters.join("\n  ")})`;
}

/**
 * A regular expression as the policy writes it.
 *
 * @throws SandboxError `invalid` for a character that can not be written there.
 */
export function regex(expression: string): string {
  for (const char of expression) {
    if (char === '"' || char < " " || char === "\u007f") {
      const name = JSON.stringify(char);
      throw new SandboxError(
        "invalid",
        `a Seatbelt policy can not name paths with ${name}: ${JSON.stringify(expression)}`,
      );
    }
  }
  return `(regex #"${expression}")`;
}

/** Literal text inside a regular expression. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
