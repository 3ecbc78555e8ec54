/** Whether bytes are taken for text: none of them is NUL, as `grep` decides it. */
export function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0);
}

/** Bytes as text. */
export interface ReadableText {
  /** A byte order mark stays. */
  readonly text: string;
  /** Every byte is in it: there are none that are no UTF-8. */
  readonly isExact: boolean;
}

export function readableText(bytes: Uint8Array): ReadableText {
  try {
    return { text: new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes), isExact: true };
  } catch {
    return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), isExact: false };
  }
}
