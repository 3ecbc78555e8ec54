import { memberPath } from "../validate/refusal-text.ts";

const INVALID_MESSAGE_ERROR = Symbol.for("holdfast.InvalidMessageError");

/** The peer answered, but what it sent is not what the protocol says. */
export class InvalidMessageError extends Error {
  override readonly name = "InvalidMessageError";
  readonly [INVALID_MESSAGE_ERROR] = true;
  /** Wire name of the method. */
  readonly method: string;
  /** Which part of the exchange it was. */
  readonly part: "params" | "result";
  /** The member, such as `chunks[0].seq`; empty for the value itself. */
  readonly memberPath: string;

  constructor(method: string, part: "params" | "result", refusal: { message: string; path: readonly PropertyKey[] }) {
    super(`invalid ${part} of ${method}: ${refusal.message}`);
    this.method = method;
    this.part = part;
    this.memberPath = memberPath(refusal.path);
  }
}

/** Is this value an {@link InvalidMessageError}, from whichever copy of this package? */
export function isInvalidMessageError(value: unknown): value is InvalidMessageError {
  return typeof value === "object" && value !== null && INVALID_MESSAGE_ERROR in value;
}
