/** The number of bytes of the JSON text, most significant byte first. */
export const LENGTH_BYTES = 4;

/** Member of the envelope that names the member whose bytes come behind the text. */
export const BYTES = "bytes";
