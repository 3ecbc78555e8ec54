import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { Clock } from "@holdfast/rpc";
import type { LaunchPlan, SandboxIntent } from "@holdfast/sandbox";
import type { ConfinedLaunch } from "../confinement/index.ts";
import type { SpawnTerms } from "../process/index.ts";
import { HelperFault } from "./helper-fault.ts";
import { helperIntent } from "./helper-intent.ts";
import { helperKey, targetIdentities } from "./helper-key.ts";
import { HelperProcess } from "./helper-process.ts";
import type { HelperLease } from "./remote-operations.ts";
import { helperProgram } from "./runtime-roots.ts";

export interface HelperLimits {
  /** Helpers of one connection that run at once. */
  readonly maxFileHelpers: number;
  /** Milliseconds after which a helper without work ends. */
  readonly fileHelperIdleMs: number;
}

export interface HelperPoolOptions {
  readonly launch: ConfinedLaunch;
  readonly delay: Pick<Clock, "after">;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: HelperLimits;
}

/** One helper and who holds it. */
interface Slot {
  readonly helper: HelperProcess;
  readonly key: string;
  readonly context: string;
  /** Of what it has mounted over. */
  readonly targets: string;
  readonly started: Promise<void>;
  leases: number;
  idle: { cancel(): void } | undefined;
}

const TERMS: SpawnTerms = { tty: false, input: "pipe" };
const CONNECTION_GONE = "the connection is gone";

/**
 * The helpers of one connection, each warm for one intent and one view of the files, and for no other.
 *
 * The view is worked out again for each request: a helper whose view is out of date gets no more work and ends with what
 * it has.
 */
export class HelperPool {
  readonly #options: HelperPoolOptions;
  /** Longest unused first. */
  readonly #slots = new Set<Slot>();
  readonly #waiting: (() => void)[] = [];
  #state: "open" | "ended" = "open";

  constructor(options: HelperPoolOptions) {
    this.#options = options;
  }

  /** Helpers that run or are being started. */
  get size(): number {
    return this.#slots.size;
  }

  /**
   * A helper for a request that is confined by `context`, kept until it is released.
   *
   * @throws SandboxError when the sandbox can't be had, SpawnFault or HelperFault when the helper can't be.
   */
  async lease(context: ParsedFileSystemSandboxContext): Promise<HelperLease> {
    for (;;) {
      if (this.#isEnded()) throw new HelperFault(CONNECTION_GONE);
      const intent = helperIntent(context, helperProgram(), this.#options.env);
      const plan = await this.#options.launch.plan(intent);
      if (this.#isEnded()) continue;
      const slot = this.#slotFor(intent, plan);
      if (slot === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else return this.#hold(slot);
    }
  }

  /** End all of them; requests that wait for one are refused. Idempotent. */
  end(): void {
    this.#state = "ended";
    for (const { helper } of [...this.#slots]) helper.end(CONNECTION_GONE);
    this.#wake();
  }

  /** `undefined`: there is no place for one more, and none to be had by ending one. */
  #slotFor(intent: SandboxIntent, plan: LaunchPlan): Slot | undefined {
    const key = helperKey(intent.context, plan);
    const context = JSON.stringify(intent.context);
    for (const slot of [...this.#slots]) {
      if (slot.key === key && slot.targets === targetIdentities(plan) && slot.helper.isServing) return slot;
      // The same intent with another view: this one is out of date.
      if (slot.context === context && slot.leases === 0) slot.helper.end("its view of the files is out of date");
    }
    if (this.#slots.size >= this.#options.limits.maxFileHelpers) {
      const unused = [...this.#slots].find(({ leases }) => leases === 0);
      if (unused === undefined) return undefined;
      unused.helper.end("another sandbox needs its place");
    }
    return this.#start(intent, plan, { key, context });
  }

  #isEnded(): boolean {
    return this.#state === "ended";
  }

  #start(intent: SandboxIntent, plan: LaunchPlan, names: { readonly key: string; readonly context: string }): Slot {
    const helper = new HelperProcess(this.#options.delay, () => {
      slot.idle?.cancel();
      this.#slots.delete(slot);
      this.#wake();
    });
    const started = this.#launch(helper, intent, plan);
    // Made by now, if they were not there.
    const targets = targetIdentities(plan);
    const slot: Slot = { ...names, helper, targets, started, leases: 0, idle: undefined };
    // The waiting request gets the failure.
    slot.started.catch(() => {});
    this.#slots.add(slot);
    return slot;
  }

  async #launch(helper: HelperProcess, intent: SandboxIntent, plan: LaunchPlan): Promise<void> {
    try {
      const child = this.#options.launch.start(plan, intent, TERMS, helper.events);
      helper.adopt(child instanceof Promise ? await child : child, helperProgram().preamble);
    } catch (thrown) {
      queueMicrotask(() => helper.end("fs sandbox helper could not be started"));
      throw thrown;
    }
  }

  async #hold(slot: Slot): Promise<HelperLease> {
    slot.leases += 1;
    slot.idle?.cancel();
    slot.idle = undefined;
    this.#slots.delete(slot);
    if (slot.helper.isServing) this.#slots.add(slot);
    let state: "held" | "released" = "held";
    const release = () => {
      if (state === "released") return;
      state = "released";
      slot.leases -= 1;
      if (slot.leases === 0) this.#unused(slot);
    };
    try {
      await slot.started;
      return { helper: slot.helper, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  #unused(slot: Slot): void {
    if (slot.helper.isServing) {
      slot.idle = this.#options.delay.after(this.#options.limits.fileHelperIdleMs, () =>
        slot.helper.end("it had nothing to do"),
      );
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
