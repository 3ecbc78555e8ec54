/** What whoever wants a line from a background connection says: where it is to lead, word for word. Who says nothing only looks whether it is there. */
export function takeWords(way: string): string {
  return `take ${way}\n`;
}

/** What he is told: that the line is his, all that follows being frames, one a line. Else the connection is closed at once. */
export const READY = "ready\n";
