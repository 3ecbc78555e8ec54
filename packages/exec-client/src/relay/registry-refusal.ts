/** A registry answered with something else than a bundle. */
export class RegistryRefusal extends Error {
  override readonly name = "RegistryRefusal";
  /** Of HTTP. */
  readonly status: number;
  /** What the registry calls it, if anything. */
  readonly code: string | undefined;

  constructor(message: string, { status, code }: { readonly status: number; readonly code: string | undefined }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Whether the same request may be answered otherwise in a moment. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Whether waiting is of no use. */
export function isFinalStatus(status: number, { isRecovery }: { readonly isRecovery: boolean }): boolean {
  if (isPassing(status)) return false;
  // There may be one later, but never again the executor that has the session.
  if (status === NOT_FOUND) return isRecovery;
  return !NO_EXECUTOR.includes(status);
}

const NOT_FOUND = 404;
/** Conflict, and too early. */
const NO_EXECUTOR: readonly number[] = [409, 425];
