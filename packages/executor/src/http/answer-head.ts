import type { HeaderLine } from "./request-spec.ts";

/** What becomes of the head of an answer before the parser sees it. */
export type ReadHead = { readonly kind: "interim" } | { readonly kind: "final"; readonly bytes: Buffer };

/** An interim answer that is none: the connection goes on in another protocol. */
const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

const STATUS = /^\s*HTTP\/\S+[ \t]+(\d{3})(?!\d)/;
const BARE_LINE_FEED = /(?:^|[^\r])\n/;
const LINE_END = /\r?\n/;
const LENGTH = /^content-length:(.*)$/i;
const TRANSFER_ENCODING = /^transfer-encoding:/i;
const WORTH_A_LOOK = /^(?:content-length|transfer-encoding):/im;
const WHOLE_NUMBER = /^\d+$/;

/** No server can know it, so no header of one is taken for one of these. */
const SECRET = crypto.randomUUID();
/** In place of a length that must not count: the parser takes it for any header. */
const HIDDEN_LENGTH = `${SECRET}-length`;
/** What follows a header of this name is for the parser alone. */
const FOR_THE_PARSER = `${SECRET}-end`;

/**
 * Make the head of an answer one that the parser takes, where HTTP says what is meant and the parser refuses it:
 *
 * - an answer without a body (204, 304) that tells a length: it tells the length of the body that there would be
 * - one length told more than once, in several headers or in one
 * - a length beside a transfer encoding: the encoding decides, and the connection is not used again
 * - lines that end without a carriage return
 *
 * Lengths that differ stay as they are, and are refused.
 */
export function readHead(head: Buffer): ReadHead {
  const text = head.toString("latin1");
  const status = Number(STATUS.exec(text)?.[1]);
  if (status < 200 && status !== SWITCHING_PROTOCOLS) return { kind: "interim" };
  if (!(WORTH_A_LOOK.test(text) || BARE_LINE_FEED.test(text))) return { kind: "final", bytes: head };
  const lines = text.split(LINE_END).filter((line) => line !== "");
  const framing = framingOf(status, lines);
  if (framing === undefined && !BARE_LINE_FEED.test(text)) return { kind: "final", bytes: head };
  const amended = framing === undefined ? lines : [...lines.map(hidden), `${FOR_THE_PARSER}:`, ...framing];
  return { kind: "final", bytes: Buffer.from(`${amended.join("\r\n")}\r\n\r\n`, "latin1") };
}

/** The headers that tell the parser how long the body is, instead of those that are there; `undefined` where those do. */
function framingOf(status: number, lines: readonly string[]): readonly string[] | undefined {
  const lengths = lines.flatMap(
    (line) =>
      LENGTH.exec(line)?.[1]
        ?.split(",")
        .map((length) => length.trim()) ?? [],
  );
  const [length = ""] = lengths;
  if (lengths.length === 0) return undefined;
  if (status === NOT_MODIFIED) return [];
  // Some send the body all the same: what follows on that connection is undefined.
  if (status === NO_CONTENT || lines.some((line) => TRANSFER_ENCODING.test(line))) return ["connection: close"];
  if (lengths.length === 1 || lengths.some((other) => other !== length || !WHOLE_NUMBER.test(other))) return undefined;
  return [`content-length: ${length}`];
}

function hidden(line: string): string {
  return LENGTH.test(line) ? HIDDEN_LENGTH + line.slice(line.indexOf(":")) : line;
}

/** The headers of an answer as the server sent them, from what the parser was given. */
export function asSent(lines: readonly HeaderLine[]): readonly HeaderLine[] {
  const end = lines.findIndex(([name]) => name === FOR_THE_PARSER);
  if (end === -1) return lines;
  return lines.slice(0, end).map((line) => (line[0] === HIDDEN_LENGTH ? ["content-length", line[1]] : line));
}
