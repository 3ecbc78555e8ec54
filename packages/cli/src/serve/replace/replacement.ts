import { closeSync } from "node:fs";
import { becomeProgram, type Executor, type Log, leaveSignals } from "@holdfast/executor";
import type { Context } from "../../command-line/context.ts";
import { reasonOf } from "../../command-line/failure.ts";
import { nativeEnvironment } from "../../native-words.ts";
import { ignore } from "../../signals/end-signals.ts";
import type { Listening } from "../listening.ts";
import type { ReplacementRequest } from "./executor-records.ts";
import type { HandedProgram } from "./handed-program.ts";
import { withHandover } from "./handover-variable.ts";
import type { Registration } from "./registration.ts";
import { type Invocation, ownInvocation } from "./successor.ts";
import { trySuccessor } from "./try-successor.ts";

/** By hand: become the newest of its own program. */
const SIGNAL = "SIGUSR2";
/**
 * Says that there is a request. Until the next program has come as far as handling signals, each has its default effect: this one's is none, and the
 * request waits.
 */
export const REQUEST_SIGNAL = "SIGURG";

/** Tell a program to end. A SIGHUP need not: the next program reads its settings anyway. */
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT"] as const;

export interface ReplacementParts {
  readonly executor: Executor;
  readonly listening: Listening;
  readonly registration: Registration;
  readonly context: Context;
  readonly log: Log;
}

/** Until {@link heedReplacement}, and for a program that has nothing to hand over, the signal means nothing. */
export function ignoreReplacement(): void {
  ignore(SIGNAL);
}

/** From now on this process becomes the program that it is asked to become. */
export function heedReplacement(parts: ReplacementParts): void {
  const replacement = new Replacement(parts);
  const take = () => parts.registration.takeRequest();
  const asked = (): void => {
    const request = take();
    if (request !== undefined) void replacement.asked(request);
  };
  process.on(SIGNAL, () => void replacement.asked(take()));
  process.on(REQUEST_SIGNAL, asked);
  // One that came while this program began.
  asked();
}

class Replacement {
  readonly #parts: ReplacementParts;
  #state: "idle" | "under way" = "idle";

  constructor(parts: ReplacementParts) {
    this.#parts = parts;
  }

  /** @param request - Absent: its own program. */
  async asked(request: ReplacementRequest | undefined): Promise<void> {
    const { registration, log } = this.#parts;
    if (this.#state === "under way") {
      if (request !== undefined) registration.refuse(request.id, "another replacement is under way");
      return;
    }
    this.#state = "under way";
    try {
      await this.#replace({ ...ownInvocation(), ...request?.successor }, request?.id);
    } catch (error) {
      const refusal = reasonOf(error);
      log.warn(`this executor was not replaced, and goes on: ${refusal}`);
      if (request !== undefined) registration.refuse(request.id, refusal);
    } finally {
      this.#state = "idle";
    }
  }

  /** @throws Error why nothing came of it. Does not return otherwise. */
  async #replace(successor: Invocation, requestId: string | undefined): Promise<never> {
    const { executor, listening, context, log } = this.#parts;
    if (listening.pause === undefined) throw new Error("what listens here can't be handed over");
    const version = await trySuccessor(successor, context);
    log.debug(`this executor is being replaced by version ${version} of the program`);
    const paused = await listening.pause();
    try {
      const suspended = await executor.suspend();
      const handleSignals = await leaveSignals(END_SIGNALS);
      try {
        const own = { listener: paused.fd, url: listening.url ?? "", predecessor: ownInvocation(), requestId };
        const { state, descriptors } = suspended.handOver(
          (all) => ({ ...own, descriptors: [...all, paused.fd] }) satisfies HandedProgram,
        );
        const refusal = becomeSuccessor(successor, state, [...descriptors, paused.fd]);
        closeSync(state);
        throw new Error(`the system does not start it: ${refusal}`);
      } finally {
        handleSignals();
        suspended.resume();
      }
    } catch (error) {
      await paused.resume();
      throw error;
    }
  }
}

/**
 * Does not return but with what the system says against it.
 *
 * @param refusal - Tells the program before this one why it is back.
 */
export function becomeSuccessor(
  { node, program, words }: Invocation,
  state: number,
  descriptors: readonly number[],
  refusal?: string,
): string {
  const env = withHandover(nativeEnvironment(process.env), { kind: "successor", state, refusal });
  return becomeProgram({
    file: node,
    argv: [process.argv0, ...program, ...words],
    environment: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    descriptors,
  });
}
