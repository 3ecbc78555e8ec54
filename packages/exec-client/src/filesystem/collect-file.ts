import { FileTransferError } from "../errors.ts";

/**
 * All blocks in one piece of memory of its own. `size` is a guess: the file may have grown or shrunk.
 *
 * @throws FileTransferError - `changed`: it has grown beyond `maxBytes`.
 */
export async function collectFile(
  blocks: AsyncIterable<Uint8Array>,
  { size, maxBytes }: { readonly size: number; readonly maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(size);
  let length = 0;
  for await (const block of blocks) {
    const needed = length + block.byteLength;
    if (needed > maxBytes) throw tooLarge(maxBytes);
    if (needed > bytes.byteLength) bytes = grown(bytes, Math.min(Math.max(needed, bytes.byteLength * 2), maxBytes));
    bytes.set(block, length);
    length += block.byteLength;
  }
  return length === bytes.byteLength ? bytes : bytes.slice(0, length);
}

function tooLarge(maxBytes: number): FileTransferError {
  return new FileTransferError(
    "changed",
    `the file grew while it was read: limit is ${maxBytes} bytes; createReadStream reads any size`,
  );
}

function grown(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
