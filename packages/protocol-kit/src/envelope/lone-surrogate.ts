/**
 * Does the inside of a JSON string escape half a character? A high half must be followed at once by an escaped low half,
 * and a low half must follow one.
 */
export function hasLoneSurrogate(inside: string): boolean {
  let at = inside.indexOf("\\");
  while (at !== -1) {
    const unit = unicodeEscape(inside, at);
    if (unit === undefined) at = inside.indexOf("\\", at + 2);
    else if (isLow(unit)) return true;
    else if (!isHigh(unit)) at = inside.indexOf("\\", at + 6);
    else if (isLow(unicodeEscape(inside, at + 6))) at = inside.indexOf("\\", at + 12);
    else return true;
  }
  return false;
}

/** The code unit that `\uXXXX` at this place stands for; undefined for anything else. */
function unicodeEscape(text: string, at: number): number | undefined {
  if (text[at] !== "\\" || text[at + 1] !== "u") return undefined;
  return Number.parseInt(text.slice(at + 2, at + 6), 16);
}

function isHigh(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0xdc00 && unit <= 0xdfff;
}
