import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { createServices } from "../../src/services.ts";
import { type OwnedStart, ProcessStarter } from "../../src/start/index.ts";
import { Recording } from "../process/recording.ts";

const TRUE: OwnedStart = {
  owner: { checkAlive: () => {} },
  argv: ["/usr/bin/true"],
  arg0: undefined,
  cwd: Buffer.from("/"),
  env: {},
  tty: false,
  input: "null",
  user: undefined,
  sandbox: undefined,
  networkProxy: undefined,
  enforceManagedNetwork: false,
  managedNetwork: undefined,
  certificateBundle: undefined,
};

function newStarter(): ProcessStarter {
  const clock = new FakeClock();
  const { confinement } = createServices({ env: {}, cwd: "/", version: "0.0.0", clock });
  return new ProcessStarter({ confinement, delay: clock });
}

/** Uses up what a turn of the event loop gives to starts. */
function busy(): void {
  const end = performance.now() + 5;
  while (performance.now() < end);
}

describe("a start", () => {
  test("is there at once where nobody waits, unconfined when nothing else was asked for", async () => {
    const { process, closed } = new Recording(false);
    const started = newStarter().start(TRUE, process.events);
    if (started instanceof Promise) throw new Error("it has to be there at once");
    expect([started.sandboxType, started.judge]).toEqual(["none", undefined]);
    process.adopt(started.child, started.judge);
    await closed;
  });

  test("starts nothing for an owner that ended while it waited for its turn", async () => {
    const starter = newStarter();
    const [first, second] = [new Recording(false), new Recording(false)];
    const filling = await starter.start({ ...TRUE, owner: { checkAlive: busy } }, first.process.events);
    first.process.adopt(filling.child);
    let isAlive = true;
    const owner = {
      checkAlive: () => {
        if (!isAlive) throw new Error("the owner has ended");
      },
    };
    const waiting = starter.start({ ...TRUE, owner }, second.process.events);
    isAlive = false;
    await expect(waiting).rejects.toThrow("the owner has ended");
    await first.closed;
    expect(second.events).toEqual([]);
  });
});
