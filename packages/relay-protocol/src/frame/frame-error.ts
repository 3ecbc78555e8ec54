/** Bytes that are no frame, in the words of the peers. */
export class RelayFrameError extends Error {
  override readonly name = "RelayFrameError";
}
