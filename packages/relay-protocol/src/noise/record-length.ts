import { RELAY_LIMITS } from "../limits.ts";
import { NoiseError } from "./noise-error.ts";

const { maxNoiseMessageBytes, maxRecordBytes, recordTagBytes } = RELAY_LIMITS;

/** @throws NoiseError no record has that many bytes. */
export function checkRecordLength(bytes: number): void {
  if (bytes < recordTagBytes) throw new NoiseError("transport ciphertext is too short");
  if (bytes > maxNoiseMessageBytes) throw new NoiseError("transport ciphertext is too large");
  if (bytes > maxRecordBytes + recordTagBytes) {
    throw new NoiseError("Noise relay plaintext record exceeds maximum length");
  }
}
