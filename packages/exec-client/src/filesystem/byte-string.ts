/** Arguments that every engine takes at once. */
const PIECE_BYTES = 8_192;

/** One character per byte, which no decoder of the platform gives. */
export function byteString(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES)));
  }
  return pieces.join("");
}
