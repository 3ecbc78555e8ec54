/** Why an executor can't be offered: one line for people, in the words of the peers where they have some. */
export class OfferError extends Error {
  override readonly name = "OfferError";
  /** Status of the registry's answer; undefined where there was none. */
  readonly status: number | undefined;
  /** What comes back by itself may: it is worth another attempt. */
  readonly isTransient: boolean;

  constructor(
    message: string,
    { status, isTransient = false, cause }: { status?: number; isTransient?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.isTransient = isTransient;
  }
}

/** The registry wrote nothing: the same registration may be sent once more. */
export class UncommittedRegistration extends OfferError {}
