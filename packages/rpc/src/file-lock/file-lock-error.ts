/** A lock among processes could not be had. */
export class FileLockError extends Error {
  override readonly name = "FileLockError";
}
