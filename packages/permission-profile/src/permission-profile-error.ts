const PERMISSION_PROFILE_ERROR = Symbol.for("holdfast.PermissionProfileError");

/** A value that is no permission profile or no sandbox context. */
export class PermissionProfileError extends Error {
  override readonly name = "PermissionProfileError";
  readonly [PERMISSION_PROFILE_ERROR] = true;
  /** What is wrong, in the words that peers use, without the place. */
  readonly reason: string;
  /** Where it is wrong: member names and indexes from the outside in; empty for the value itself. */
  readonly path: readonly (string | number)[];

  constructor(reason: string, path: readonly (string | number)[], options?: { cause?: unknown }) {
    super(path.length === 0 ? reason : `${reason} at ${memberPath(path)}`, options);
    this.reason = reason;
    this.path = path;
  }
}

/** Is this value a {@link PermissionProfileError}, from whichever copy of this package? */
export function isPermissionProfileError(value: unknown): value is PermissionProfileError {
  return typeof value === "object" && value !== null && PERMISSION_PROFILE_ERROR in value;
}

function memberPath(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}
