import { InvalidArgumentError } from "../errors.ts";

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

/** @throws InvalidArgumentError - It would be another text there. */
export function checkWholeCharacters(text: string, argument: string): void {
  if (!hasHalfCharacter(text)) return;
  const message = `${argument} ends or begins within a character: it has half of a pair of surrogates: ${printable(text)}`;
  throw new InvalidArgumentError(argument, message);
}
