/** Which lines of a text, and how many bytes of them at most. */
export interface LineRange {
  /** Number of the first line, from 1 on. */
  readonly offset: number;
  /** Most lines. */
  readonly limit: number;
  readonly maxBytes: number;
}

/** Some lines out of a text, as they are, line ends included. */
export interface LineWindow {
  readonly bytes: Uint8Array;
  /** Lines that begin in it. */
  readonly lineCount: number;
  /** Lines before it; all that the text has, where it has fewer than were to be passed over. */
  readonly passedLines: number;
  /** Nothing follows. */
  readonly isEnd: boolean;
  /** It ends within its only line, which is longer than `maxBytes`. */
  readonly isCutInLine: boolean;
}

const NEWLINE = 0x0a;
const CONTINUATION_MASK = 0xc0;
const CONTINUATION = 0x80;

/** Read lines out of a text that comes in blocks, no further than it takes to know whether more follows. */
export async function lineWindow(
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { offset, limit, maxBytes }: LineRange,
): Promise<LineWindow> {
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  let lines = 0;
  let passed = 0;
  let isInPassedLine = false;
  const windowOf = (isEnd: boolean): LineWindow => {
    const passedLines = isInPassedLine ? passed + 1 : passed;
    return { ...wholeLines(joined(kept), maxBytes, isEnd), passedLines };
  };
  for await (const block of blocks) {
    let rest = block;
    while (passed < offset - 1 && rest.length > 0) {
      const end = rest.indexOf(NEWLINE);
      isInPassedLine = end === -1;
      if (!isInPassedLine) passed += 1;
      rest = isInPassedLine ? rest.subarray(rest.length) : rest.subarray(end + 1);
    }
    if (rest.length === 0) continue;
    if (lines === limit) return windowOf(false);
    const taken = beginningOf(rest, limit - lines);
    kept.push(taken);
    keptBytes += taken.length;
    lines += newlinesIn(taken);
    if (keptBytes > maxBytes || taken.length < rest.length) return windowOf(false);
  }
  return windowOf(true);
}

/** Its lines, a last one without a newline among them. */
export function countLines(bytes: Uint8Array): number {
  const isOpen = bytes.length > 0 && bytes.at(-1) !== NEWLINE;
  return newlinesIn(bytes) + (isOpen ? 1 : 0);
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Up to the end of its line number `lines`. */
function beginningOf(bytes: Uint8Array, lines: number): Uint8Array {
  let at = 0;
  for (let count = 0; count < lines; count += 1) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end === -1) return bytes;
    at = end + 1;
  }
  return bytes.subarray(0, at);
}

/** What fits, cut behind a line where one fits. */
function wholeLines(bytes: Uint8Array, maxBytes: number, isEnd: boolean): Omit<LineWindow, "passedLines"> {
  const fits = bytes.length <= maxBytes;
  const cut = fits ? bytes.length : bytes.lastIndexOf(NEWLINE, maxBytes - 1) + 1;
  const isCutInLine = !fits && cut === 0;
  const window = bytes.subarray(0, isCutInLine ? characterEnd(bytes, maxBytes) : cut);
  return { bytes: window, lineCount: countLines(window), isEnd: isEnd && fits, isCutInLine };
}

/** The last place up to `at` where no UTF-8 character is cut. */
function characterEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end > 0 && ((bytes[end] ?? 0) & CONTINUATION_MASK) === CONTINUATION) end -= 1;
  return end;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
