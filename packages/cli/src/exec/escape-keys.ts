import { type Clock, systemClock } from "@holdfast/rpc";

/** What a person asks of this program itself, in the middle of the keys for a command. */
export type EscapeAction = "quit" | "detach" | "help";

/** Whether there is a command after that to send keys to. */
export type AfterEscape = "go on" | "over";

const ACTIONS: ReadonlyMap<number, EscapeAction> = new Map([
  [keyOf("."), "quit"],
  [keyOf("d"), "detach"],
  [keyOf("?"), "help"],
]);
const LINE_ENDS: ReadonlySet<number> = new Set([keyOf("\r"), keyOf("\n")]);

/** What is longer was not typed: the keys of a person come one by one, those of a paste together. */
const TYPED_MAX_BYTES = 16;

/** What comes sooner after such keys, milliseconds, belongs to them, however short it is: pieces of a paste are cut anywhere. */
const PASTE_PAUSE_MS = 500;

/** What terminals put around a paste for programs that ask for it, but for their last two characters. */
const PASTE_MARK = Buffer.from("\u001b[20", "latin1");
const [PASTE_BEGINS, PASTE_ENDS, MARK_ENDS] = [keyOf("0"), keyOf("1"), keyOf("~")];

/**
 * Finds, among the keys for a command, those that mean this program: the escape character at the beginning of a line, and one
 * more, as `ssh` has it. The character typed twice is sent once; with anything else behind it, both are sent.
 *
 * A paste never means this program, whatever is in it. Once the command is left, no key reaches it: what comes then is meant for
 * whatever has the terminal next.
 */
export class EscapeKeys {
  readonly #escape: number;
  readonly #act: (action: EscapeAction) => AfterEscape;
  readonly #clock: Pick<Clock, "now">;
  #pastedAtMs = Number.NEGATIVE_INFINITY;
  #place: "line start" | "escaped" | "within" = "line start";
  /** How much of a mark has come: all of it but the last character is `PASTE_MARK.length + 1`. */
  #markLength = 0;
  #mark: number | undefined;
  #isPasting = false;
  #isOver = false;

  /** @param character - One ASCII character. */
  constructor(character: string, act: (action: EscapeAction) => AfterEscape, clock: Pick<Clock, "now"> = systemClock) {
    this.#escape = keyOf(character);
    this.#act = act;
    this.#clock = clock;
  }

  /** @returns what of these keys is for the command. */
  take(keys: Buffer): Buffer {
    const isTyped = this.#isTyped(keys);
    const passed = Buffer.allocUnsafe(keys.byteLength + 1);
    let length = 0;
    for (const key of keys) {
      if (this.#isOver) break;
      this.#lookForPaste(key);
      const mayMean = isTyped && !this.#isPasting;
      if (this.#place === "escaped") {
        const action = mayMean ? ACTIONS.get(key) : undefined;
        this.#place = LINE_ENDS.has(key) || action !== undefined ? "line start" : "within";
        if (action !== undefined) {
          this.#isOver = this.#act(action) === "over";
          continue;
        }
        if (key !== this.#escape || !mayMean) passed[length++] = this.#escape;
        passed[length++] = key;
      } else if (key === this.#escape && this.#place === "line start" && mayMean) {
        this.#place = "escaped";
      } else {
        passed[length++] = key;
        this.#place = LINE_ENDS.has(key) ? "line start" : "within";
      }
    }
    return passed.subarray(0, length);
  }

  #isTyped(keys: Buffer): boolean {
    const nowMs = this.#clock.now();
    if (keys.byteLength <= TYPED_MAX_BYTES && nowMs - this.#pastedAtMs > PASTE_PAUSE_MS) return true;
    this.#pastedAtMs = nowMs;
    return false;
  }

  #lookForPaste(key: number): void {
    if (this.#markLength === PASTE_MARK.length) {
      this.#mark = key;
      this.#markLength = key === PASTE_BEGINS || key === PASTE_ENDS ? this.#markLength + 1 : 0;
    } else if (this.#markLength > PASTE_MARK.length) {
      if (key === MARK_ENDS) this.#isPasting = this.#mark === PASTE_BEGINS;
      this.#markLength = 0;
    } else if (key === PASTE_MARK[this.#markLength]) {
      this.#markLength += 1;
    } else {
      this.#markLength = key === PASTE_MARK[0] ? 1 : 0;
    }
  }
}

function keyOf(character: string): number {
  return character.charCodeAt(0);
}
