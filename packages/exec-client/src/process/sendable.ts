import { MESSAGE_MAX_BYTES, MESSAGE_MAX_DEPTH, MESSAGE_MAX_JSON_VALUES } from "@holdfast/exec-server-protocol";
import { hasHalfCharacter, printable } from "../arguments/broken-text.ts";
import { InvalidArgumentError } from "../errors.ts";

/** Values that the rest of the message may need. */
const ROOM_VALUES = 64;
/** Levels of the message around a value. */
const DEPTH_AROUND_A_VALUE = 2;
/** Bytes that the rest of the message may need, and the quotes and commas between the texts. */
const ROOM_BYTES = 4_096;
const BYTES_AROUND_A_TEXT = 4;
/** A control character takes six in JSON. */
const MAX_BYTES_PER_CODE_UNIT = 6;

interface Visitor {
  readonly onText: TextOwner;
  /** Containers around the value. */
  readonly depth: number;
  readonly argument: string;
}

type TextOwner = (text: string, where: string) => void;

/**
 * Refuse what no executor could read: it answers without saying to what, or drops the line, and all else on that line would
 * suffer with it.
 *
 * @throws InvalidArgumentError - Names the argument: half a character (a surrogate alone), a NUL where the system allows none,
 * too many entries, or too many bytes.
 */
export function checkSendable(params: object): void {
  let values = ROOM_VALUES;
  let bytes = ROOM_BYTES;
  let largest = { argument: "argv", bytes: 0 };
  for (const [argument, value] of Object.entries(params)) {
    const before = bytes;
    const isNative = argument === "argv" || argument === "env" || argument === "arg0";
    const onText: TextOwner = (text, where) => {
      bytes += text.length + BYTES_AROUND_A_TEXT;
      checkText(text, { argument, where, isNative });
    };
    values += visit(value, argument, { onText, depth: DEPTH_AROUND_A_VALUE, argument });
    if (bytes - before > largest.bytes) largest = { argument, bytes: bytes - before };
  }
  const { argument } = largest;
  if (values > MESSAGE_MAX_JSON_VALUES) {
    throw new InvalidArgumentError(
      argument,
      `${argument} has too many entries: a message holds ${MESSAGE_MAX_JSON_VALUES}`,
    );
  }
  // Measured only where it may be too long.
  if (
    bytes * MAX_BYTES_PER_CODE_UNIT > MESSAGE_MAX_BYTES &&
    Buffer.byteLength(JSON.stringify(params)) + ROOM_BYTES > MESSAGE_MAX_BYTES
  ) {
    throw new InvalidArgumentError(argument, `${argument} is too long: a message holds ${MESSAGE_MAX_BYTES} bytes`);
  }
}

/** Count the values in one, itself included, and hand on every text in it. */
function visit(value: unknown, where: string, visitor: Visitor): number {
  const { onText, depth, argument } = visitor;
  if (typeof value === "string") onText(value, where);
  if (typeof value !== "object" || value === null) return 1;
  if (depth >= MESSAGE_MAX_DEPTH) {
    throw new InvalidArgumentError(
      argument,
      `${argument} is nested too deeply: a message holds ${MESSAGE_MAX_DEPTH} levels`,
    );
  }
  const below = { ...visitor, depth: depth + 1 };
  let values = 1;
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) values += visit(each, `${where}[${index}]`, below);
    return values;
  }
  for (const [name, each] of Object.entries(value)) {
    onText(name, `a name in ${where}`);
    values += visit(each, `${where}.${name}`, below);
  }
  return values;
}

function checkText(
  text: string,
  { argument, where, isNative }: { readonly argument: string; readonly where: string; readonly isNative: boolean },
): void {
  if (hasHalfCharacter(text)) {
    throw new InvalidArgumentError(
      argument,
      `${printable(where)} ends or begins within a character: it has half of a pair of surrogates`,
    );
  }
  if (isNative && text.includes("\0")) {
    throw new InvalidArgumentError(argument, `${printable(where)} has a NUL character, which no program can be given`);
  }
}
