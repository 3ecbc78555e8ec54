/** The same bytes as a plain `Uint8Array`, whose `slice` copies as people expect. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer, byteOffset, byteLength);
