/** A surrogate without its other half. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const HALF_CHARACTERS = /\p{Surrogate}/gu;

/** Whether a text begins or ends within a character: as UTF-8 it would be another text, and no executor reads it. */
export function hasHalfCharacter(text: string): boolean {
  return HALF_CHARACTER.test(text);
}

/** A text for an error: printable, and whole. */
export function printable(text: string): string {
  return JSON.stringify(text.replaceAll(HALF_CHARACTERS, "\ufffd")).slice(1, -1);
}
