import { constants } from "node:os";
import { CommandFailure } from "../command-line/failure.ts";
import { type EndSignal, endSignals } from "../signals/end-signals.ts";

/** What signals to this process do to the command. */
export interface SignalTarget {
  interrupt(): void;
  kill(): void;
  /** This program was told to end. */
  hangUp(): void;
}

/**
 * Passes signals on to the command: the first SIGINT interrupts it, a second one kills it. SIGTERM, SIGQUIT and
 * SIGHUP mean this program; what becomes of the command is for the target to say.
 *
 * A signal that comes before there is a command aborts {@link early} and waits for the command; a second one ends this
 * process.
 */
export class SignalRelay implements Disposable {
  #target: SignalTarget | undefined;
  #interrupts = 0;
  #waiting: EndSignal | undefined;
  readonly #signals = endSignals();
  readonly #early = new AbortController();
  #exitCode: number | undefined;

  constructor() {
    for (const signal of this.#signals) process.on(signal, this.#onSignal);
  }

  /** The exit code that a deadly signal asks for, whatever the command makes of it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Aborted by a signal that came before the command. Its reason is the {@link CommandFailure} to end with. */
  get early(): AbortSignal {
    return this.#early.signal;
  }

  attach(target: SignalTarget): void {
    this.#target = target;
    if (this.#waiting !== undefined) this.#pass(this.#waiting, target);
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) process.removeListener(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const known = this.#signals.find((each) => each === signal);
    if (known === undefined) return;
    if (this.#target === undefined) this.#wait(known);
    else this.#pass(known, this.#target);
  };

  #wait(signal: EndSignal): void {
    const exitCode = 128 + constants.signals[signal];
    if (this.#waiting !== undefined) process.exit(exitCode);
    this.#waiting = signal;
    this.#early.abort(new CommandFailure(`interrupted by ${signal} before the command was started`, { exitCode }));
  }

  #pass(signal: EndSignal, target: SignalTarget): void {
    if (signal === "SIGINT") {
      this.#interrupts += 1;
      if (this.#interrupts === 1) target.interrupt();
      else target.kill();
      return;
    }
    this.#exitCode ??= 128 + constants.signals[signal];
    target.hangUp();
  }
}
