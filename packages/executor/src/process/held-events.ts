import type { ChildEvents } from "./child.ts";

/** What a child tells before anyone is there to hear it. */
export class HeldEvents {
  #waiting: (() => void)[] | undefined = [];
  readonly events: ChildEvents;

  constructor(target: ChildEvents) {
    const tell = (event: () => void): void => {
      if (this.#waiting === undefined) event();
      else this.#waiting.push(event);
    };
    this.events = {
      output: (stream, data) => tell(() => target.output(stream, data)),
      exited: (exitCode) => tell(() => target.exited(exitCode)),
      ended: () => tell(() => target.ended()),
      inputBroken: () => tell(() => target.inputBroken()),
    };
  }

  /** Tell it, in order, and everything that comes from now on at once. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of waiting) event();
  }
}
