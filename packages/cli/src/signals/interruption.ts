import { constants } from "node:os";
import { CommandFailure } from "../command-line/failure.ts";
import { endSignals } from "./end-signals.ts";

/** Turns signals to this process into an abort, so that what was begun can be cleaned up. A second signal ends at once. */
export class Interruption implements Disposable {
  readonly #signals = endSignals();
  readonly #controller = new AbortController();

  readonly #outcome: string;

  /** @param outcome - What it means when one comes, for people: `nothing was copied`. */
  constructor(outcome: string) {
    this.#outcome = outcome;
    for (const signal of this.#signals) process.on(signal, this.#onSignal);
  }

  /** Its reason is the {@link CommandFailure} to end with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) process.removeListener(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    const exitCode = 128 + constants.signals[signal];
    this.#controller.abort(new CommandFailure(`interrupted by ${signal}: ${this.#outcome}`, { exitCode }));
  };
}
