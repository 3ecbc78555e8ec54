import { readHead } from "./answer-head.ts";
import { HTTP_RESPONSE_HEADERS_MAX_BYTES } from "./limits.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);

/**
 * The heads of the answers that come on one connection, picked out of its bytes and amended where need be.
 *
 * A request is written at once and only when the answer before it is over, so that the first bytes after it are a head.
 */
export class AnswerHeads {
  #state: "head" | "body" = "body";
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the current line, its end not counted. */
  #lineBytes = 0;
  #hasBegun = false;

  /** A request has been sent: a head comes next. */
  expect(): void {
    if (this.#state === "body") this.#begin();
  }

  /** What the parser shall see of these bytes; empty while a head is not whole. */
  pass(bytes: Buffer): Buffer {
    let rest = bytes;
    while (this.#state === "head") {
      const end = this.#endOfHead(rest);
      if (end === undefined) {
        this.#hold(rest);
        // The parser says what is wrong with a head that is too long.
        return this.#heldBytes > HTTP_RESPONSE_HEADERS_MAX_BYTES ? this.release() : NOTHING;
      }
      this.#hold(rest.subarray(0, end));
      rest = rest.subarray(end);
      const head = readHead(this.#takeHeld());
      if (head.kind === "interim") {
        this.#begin();
      } else {
        this.#state = "body";
        return rest.length === 0 ? head.bytes : Buffer.concat([head.bytes, rest]);
      }
    }
    return rest;
  }

  /** What is left of a head when no more comes, or too much has come. */
  release(): Buffer {
    this.#state = "body";
    return this.#takeHeld();
  }

  #begin(): void {
    this.#state = "head";
    this.#lineBytes = 0;
    this.#hasBegun = false;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #takeHeld(): Buffer {
    const [first = NOTHING] = this.#held;
    const whole = this.#held.length <= 1 ? first : Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return whole;
  }

  /** Behind the empty line after the first line that is not empty. */
  #endOfHead(bytes: Buffer): number | undefined {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === LINE_FEED) {
        if (this.#lineBytes === 0 && this.#hasBegun) return at + 1;
        this.#hasBegun ||= this.#lineBytes > 0;
        this.#lineBytes = 0;
      } else if (byte !== CARRIAGE_RETURN) {
        this.#lineBytes += 1;
      }
    }
    return undefined;
  }
}
