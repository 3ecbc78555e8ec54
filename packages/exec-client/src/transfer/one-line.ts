/** Most characters of a text from outside that are told: a peer may send a thousand times that. */
const MAX_CHARACTERS = 4_096;

/** The lines of a text as one, joined by `; `, and cut where it is longer than anybody reads. */
export function oneLine(text: string): string {
  const cut = text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
  return cut.includes("\n")
    ? cut
        .split("\n")
        .map((line) => line.trim())
        .join("; ")
    : cut;
}
