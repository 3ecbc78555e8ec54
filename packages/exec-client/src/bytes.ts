/** Bytes in memory of their own, not shared with another thread: what `Blob`, `Response` and `TextDecoderStream` take. */
export type Bytes = Uint8Array<ArrayBuffer>;
