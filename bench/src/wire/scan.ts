const QUOTE = 0x22;
const EQUALS = 0x3d;
const HEAD_BYTES = 512;

/** Raw bytes that a base64 member of a message stands for, found without reading the message as JSON; -1 without it. */
export function bytesOfMember(message: Buffer, member: string): number {
  const label = `"${member}":"`;
  const at = message.subarray(0, HEAD_BYTES).indexOf(label, 0, "latin1");
  if (at < 0) return -1;
  const start = at + label.length;
  const end = message.indexOf(QUOTE, start);
  const padding = message[end - 1] !== EQUALS || end === start ? 0 : message[end - 2] === EQUALS ? 2 : 1;
  return ((end - start) / 4) * 3 - padding;
}

/** How often `text` occurs. */
export function occurrences(message: Buffer, text: string): number {
  const wanted = Buffer.from(text, "latin1");
  let count = 0;
  for (let at = message.indexOf(wanted); at >= 0; at = message.indexOf(wanted, at + wanted.length)) count++;
  return count;
}

/** The id of an answer, or -1 for a notice. Looks where peers put it: at the start, else at the end. */
export function answerId(message: Buffer): number {
  const head = message.subarray(0, 48).toString("latin1");
  const found = /^\s*\{\s*"id":\s*(\d+)/.exec(head);
  if (found !== null) return Number(found[1]);
  if (head.includes('"method"')) return -1;
  return Number(/"id":\s*(\d+)\s*\}\s*$/.exec(message.subarray(-48).toString("latin1"))?.[1] ?? -1);
}
