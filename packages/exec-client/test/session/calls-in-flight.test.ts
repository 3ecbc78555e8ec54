import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { LINUX_INFO, NO_ANSWER } from "../support/fake-exec-server.ts";

const SILENT = { "fs/canonicalize": () => NO_ANSWER, "process/terminate": () => NO_ANSWER };

function holdfast() {
  const capabilities = { ...LINUX_INFO.capabilities, holdfastOutputHold: true };
  return {
    ...SILENT,
    initialize: () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } }),
  };
}

test.each([
  ["a release of Codex", SILENT, 96, 32],
  ["this project's executor", holdfast(), 1_024, 1_024],
])("%s is asked no more at once than it takes, also after a reconnect", async (_, handlers, most, urgent) => {
  await using line = await recoverable(handlers);
  const process = await line.executor.processes.start({ argv: ["a"] });
  for (let count = 0; count < 4_000; count += 1) {
    line.executor.fs.canonicalize("/a").catch(() => {});
    process.terminate().catch(() => {});
  }
  const asked = (method: string) => line.dialler.last.of(method).length;
  const expectFull = async () => {
    // What is urgent goes ahead, and takes any free place.
    await until(() => asked("fs/canonicalize") + asked("process/terminate") === most + urgent);
    await settle();
    expect(asked("fs/canonicalize") + asked("process/terminate")).toBe(most + urgent);
    expect(asked("fs/canonicalize")).toBeLessThanOrEqual(most);
  };
  await expectFull();
  await line.cut();
  await line.clock.advance(100);
  await expectFull();
});
