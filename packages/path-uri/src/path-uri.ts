declare const brand: unique symbol;

/**
 * Canonical text of an absolute `file:` URI. Only the parsers and path operations of this package make one,
 * so holding it is the proof that the text is valid. It serializes as a plain string.
 */
export type PathUri = string & { readonly [brand]: "PathUri" };

/** Mark text that this package has just put into canonical form. */
export function brandPathUri(canonical: string): PathUri {
  return canonical as PathUri;
}
