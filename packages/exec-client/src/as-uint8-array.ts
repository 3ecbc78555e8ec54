/** The same bytes as a plain `Uint8Array`, whose `slice` copies as people expect. */
export function asUint8Array({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
