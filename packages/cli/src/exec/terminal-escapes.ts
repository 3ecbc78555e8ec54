import type { Context } from "../command-line/context.ts";
import { printable } from "../command-line/printable.ts";
import { type AfterEscape, type EscapeAction, EscapeKeys } from "./escape-keys.ts";

/** What becomes of the command when a person has enough of it. */
export interface EscapeTarget {
  readonly quit: () => void;
  /** Undefined where it can not be left running. */
  readonly detach: (() => void) | undefined;
}

/** What a person may want of the program itself, and how it is told that there is such a thing. */
export class TerminalEscapes {
  readonly keys: EscapeKeys;
  readonly #escape: string;
  readonly #name: string;
  readonly #stderr: Context["stderr"];
  readonly #target: EscapeTarget;

  /** @param name - Of the program, at the beginning of what it says. */
  constructor(character: string, { name, stderr }: { name: string; stderr: Context["stderr"] }, target: EscapeTarget) {
    this.#escape = character;
    this.#name = name;
    this.#stderr = stderr;
    this.#target = target;
    this.keys = new EscapeKeys(character, (action) => this.#act(action));
  }

  /** For the line about an outage. */
  get summary(): string {
    const leaving = this.#target.detach === undefined ? "" : `, ${this.#escape}d leaves it running`;
    return `; Enter, ${this.#escape}. quits${leaving}`;
  }

  #act(action: EscapeAction): AfterEscape {
    const { quit, detach } = this.#target;
    const leave = action === "quit" ? quit : action === "detach" ? detach : undefined;
    if (leave !== undefined) {
      leave();
      return "over";
    }
    this.#say(action === "help" ? this.#help() : ["it can not be left running: it ends with this program"]);
    return "go on";
  }

  #help(): readonly string[] {
    const begin = this.#escape;
    const detach = this.#target.detach === undefined ? [] : [`${begin}d  leave it running, for attach`];
    return [
      "at the start of a line:",
      `${begin}.  quit`,
      ...detach,
      `${begin}?  this`,
      `${begin}${begin}  ${begin} itself`,
    ];
  }

  /** The terminal is in raw mode, where a line feed only goes down. */
  #say(lines: readonly string[]): void {
    for (const line of lines) {
      this.#stderr.write("\r\n");
      this.#stderr.write(printable(`${this.#name}: ${line}`));
    }
    this.#stderr.write("\r\n");
  }
}
