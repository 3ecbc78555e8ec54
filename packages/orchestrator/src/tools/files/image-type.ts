/** How the files of each kind begin, as Latin-1. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF[\s\S]{4}WEBP/, "image/webp"],
];

const BEGINNING_BYTES = 16;

/** Media type of an image that models see, by its first bytes; undefined for anything else. */
export function imageType(data: Uint8Array): string | undefined {
  const beginning = String.fromCharCode(...data.subarray(0, BEGINNING_BYTES));
  return KINDS.find(([pattern]) => pattern.test(beginning))?.[1];
}
