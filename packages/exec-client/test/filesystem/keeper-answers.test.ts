import { pathUriFromNative } from "@holdfast/path-uri";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Keeper } from "../../src/filesystem/keeper.ts";
import type { ProcessEvent } from "../../src/process/events.ts";
import type { RunningProcess } from "../../src/process/running-process.ts";

/** A shell that answers as a test says. */
class Shell {
  readonly commands: string[] = [];
  isDisposed = false;
  readonly #events: ProcessEvent[] = [];
  #wake = (): void => {};
  readonly #answer: (command: string, shell: Shell) => void | Promise<void>;

  constructor(answer: (command: string, shell: Shell) => void | Promise<void>) {
    this.#answer = answer;
    this.say("ok \n");
  }

  get process(): RunningProcess {
    return this as unknown as RunningProcess;
  }

  say(text: string): void {
    this.#events.push({ type: "output", stream: "stdout", data: Buffer.from(text) } as unknown as ProcessEvent);
    this.#wake();
  }

  async write(data: Uint8Array): Promise<void> {
    const command = Buffer.from(data).toString().trim();
    this.commands.push(command);
    await this.#answer(command, this);
  }

  async *events(): AsyncGenerator<ProcessEvent, void, void> {
    while (!this.isDisposed) {
      yield* this.#events.splice(0);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      if (this.#events.length === 0 && !this.isDisposed) await promise;
    }
  }

  get closed(): Promise<never> {
    return Promise.withResolvers<never>().promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    this.#wake();
  }
}

function keeperOf(shell: Shell): Promise<Keeper> {
  return Keeper.start(
    { start: async () => shell.process, clock: new FakeClock() },
    pathUriFromNative("/folder/tree", "posix"),
    "tree",
  );
}

describe("the shell that holds a folder", () => {
  test("is asked for everything in the order in which it was wanted, however much waits", async () => {
    const shell = new Shell((_, to) => to.say("ok \n"));
    const keeper = await keeperOf(shell);
    const wanted = Array.from({ length: 50_000 }, (_, n) => `${n}`);
    const asked = wanted.map((command) => keeper.ask([command]));
    await asked[0];
    asked.push(keeper.ask(["last"]));
    await Promise.all(asked);
    expect(shell.commands).toEqual([...wanted, "last"]);
  });

  test("is given up when its input is refused, and everybody who waits is told", async () => {
    const shell = new Shell((command) => {
      if (command === "refused") throw new Error("its input takes no more");
    });
    const keeper = await keeperOf(shell);
    const asked = ["first", "refused", ...Array.from({ length: 100 }, () => "later")].map((word) => keeper.ask([word]));
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: "its input takes no more" } });
    }
    expect(shell.isDisposed).toBe(true);
    await expect(keeper.ask(["more"])).rejects.toThrow("its input takes no more");
  });

  test("is given up when an answer has no end", async () => {
    let said = 0;
    const shell = new Shell(async (_, to) => {
      for (; said < 1_000 && !to.isDisposed; said += 1) {
        to.say("x".repeat(1_024));
        await Promise.resolve().then(() => {});
      }
    });
    const keeper = await keeperOf(shell);
    await expect(keeper.ask(["endless"])).rejects.toThrow("more than 65536 characters");
    expect(shell.isDisposed).toBe(true);
  });
});
