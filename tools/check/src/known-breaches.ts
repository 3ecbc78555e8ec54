/** A breach with a name that stays the same while its text, or the line it is on, may change. */
export interface Breach {
  readonly key: string;
  readonly text: string;
}

/**
 * Breaches that are not known yet, and known ones that are mended: a list of what is still to do can shrink, and only that.
 *
 * @param known - Keys of breaches that the repository lived with when the rule came.
 * @param list - Where they stand, for the message.
 */
export function againstKnown(breaches: readonly Breach[], known: readonly string[], list: string): readonly string[] {
  const found = new Set(breaches.map(({ key }) => key));
  return [
    ...breaches.filter(({ key }) => !known.includes(key)).map(({ text }) => text),
    ...known.filter((key) => !found.has(key)).map((key) => `${key}: mended; take it out of ${list}`),
  ];
}
