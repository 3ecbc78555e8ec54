import { lazily } from "./c-library.ts";
import { canOpenTerminal } from "./terminal.ts";

const ATTRIBUTES_BYTES = 128;
/** `struct termios` of Linux: four words of flags, one byte, the control characters. */
const INPUT_FLAGS = 0;
const LOCAL_FLAGS = 12;
const CONTROL_CHARACTERS = 17;
const ICRNL = 0o400;
const ICANON = 0o2;
const VEOF = 4;
/** What ends or drops a line besides a newline: VINTR, VQUIT, VKILL, VEOF, VSUSP, VEOL. */
const LINE_ENDS = [0, 1, 3, VEOF, 10, 11];
const [NONE, CTRL_D, NEWLINE, RETURN] = [0, 4, 10, 13];

const functions = lazily((library) => ({
  getAttributes: library.func("int tcgetattr(int fd, void *attributes)"),
}));

/**
 * What to write to a terminal to say that nothing more comes: its end-of-file character. After an unfinished line it only hands that line
 * over, so that it takes a second one. A terminal that reads single characters has no lines.
 *
 * @param fd - Of either side.
 * @param lastByte - Of what was written before. Absent: nothing was.
 */
export function endOfInput(fd: number, lastByte: number | undefined): Buffer {
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  const isKnown = canOpenTerminal() && functions()?.getAttributes(fd, attributes) === 0;
  if (!isKnown) return Buffer.alloc(lastByte === undefined || lastByte === NEWLINE ? 1 : 2, CTRL_D);
  const character = (index: number) => attributes[CONTROL_CHARACTERS + index] ?? NONE;
  const ends = [NEWLINE, ...LINE_ENDS.map(character).filter((value) => value !== NONE)];
  if ((attributes.readUInt32LE(INPUT_FLAGS) & ICRNL) !== 0) ends.push(RETURN);
  const readsLines = (attributes.readUInt32LE(LOCAL_FLAGS) & ICANON) !== 0;
  const isUnfinished = readsLines && lastByte !== undefined && !ends.includes(lastByte);
  return Buffer.alloc(isUnfinished ? 2 : 1, character(VEOF) || CTRL_D);
}
