/** Bytes of every value, in a long period. */
export function everyByte(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 167 + (index >> 8)) & 0xff;
  return bytes;
}
