/** All blocks in one piece of memory of its own. `size` is a guess: the file may have grown or shrunk. */
export const collectFile = async (
  blocks: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  let bytes = new Uint8Array(size);
  let length = 0;
  for await (const block of blocks) {
    if (length + block.byteLength > bytes.byteLength) bytes = grown(bytes, length + block.byteLength);
    bytes.set(block, length);
    length += block.byteLength;
  }
  return length === bytes.byteLength ? bytes : bytes.slice(0, length);
};

const grown = (bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> => {
  const larger = new Uint8Array(Math.max(needed, bytes.byteLength * 2));
  larger.set(bytes);
  return larger;
};
