/**
 * An argument that can not be sent as it is: a relative path, an empty `argv`, a target of unknown kind.
 * Nothing was sent.
 */
export class InvalidArgumentError extends TypeError {
  override readonly name = "InvalidArgumentError";
  readonly code = "invalid-argument";
  /** Name of the argument or option, e.g. `cwd`. */
  readonly argument: string;

  constructor(argument: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.argument = argument;
  }
}
