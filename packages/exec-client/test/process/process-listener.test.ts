import { describe, expect, test } from "vitest";
import { settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { chunk, LINUX_INFO, NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

const capabilities = { ...LINUX_INFO.capabilities, holdfastListeners: true, holdfastOutputHold: true };
const BASE = {
  initialize: () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } }),
  "holdfast/listen": () => ({ host: "127.0.0.1", port: 9_000 }),
  "holdfast/acceptConnection": () => NO_ANSWER,
  "holdfast/closeListener": () => ({}),
  "process/terminate": () => ({ running: true }),
};
const NEW = { connection: { isKnown: false, host: "127.0.0.1", port: 40_000 } };
const KNOWN = { connection: { ...NEW.connection, isKnown: true } };

describe("a listener there", () => {
  test("is asked for again while nobody comes, by one id, and gives who comes with its first words", async () => {
    let asked = 0;
    await using line = await recoverable({
      ...BASE,
      "holdfast/acceptConnection": ({ processId }, server) => {
        asked += 1;
        if (asked < 3) return { connection: null };
        // Told before the answer is.
        server.output(processId, 1, "first");
        return NEW;
      },
    });
    const listener = await line.executor.processes.listen({ port: 9_000 });
    expect([listener.host, listener.port]).toEqual(["127.0.0.1", 9_000]);
    const accepting = listener.accept();
    // At once is no wait: whoever answers so is not asked again and again without a pause.
    for (let answers = 1; answers < 3; answers += 1) {
      await settle();
      expect(asked).toBe(answers);
      await line.clock.advance(100);
    }
    const accepted = await accepting;
    const calls = line.dialler.last.of("holdfast/acceptConnection");
    expect(new Set(calls.map(({ processId }) => processId))).toEqual(new Set([accepted.id]));
    expect(calls).toHaveLength(3);
    line.dialler.last.output(accepted.id, 2, " words");
    line.dialler.last.exited(accepted.id, 3);
    line.dialler.last.finished(accepted.id, 4);
    let text = "";
    for await (const piece of accepted.stdoutText) text += piece;
    expect(text).toBe("first words");
    expect(line.dialler.last.of("process/read")).toEqual([]);
  });

  test("whose connection was given on a line that broke is asked by the same id, and read from what was seen", async () => {
    await using line = await recoverable(BASE);
    const listener = await line.executor.processes.listen();
    const accepting = listener.accept();
    await settle();
    const [first] = line.dialler.last.of("holdfast/acceptConnection");
    line.dialler.last.output(String(first?.processId), 1, "seen ");
    await settle();
    line.dialler.plans.push({
      "holdfast/acceptConnection": () => KNOWN,
      "process/read": () => readResult({ chunks: [chunk(2, "missed ")], nextSeq: 3 }),
    });
    await line.cut();
    const accepted = await accepting;
    expect(line.dialler.last.of("holdfast/acceptConnection")).toEqual([first]);
    expect(line.dialler.last.of("process/read")).toMatchObject([{ processId: accepted.id, afterSeq: 1 }]);
    line.dialler.last.output(accepted.id, 3, "later");
    line.dialler.last.exited(accepted.id, 4);
    line.dialler.last.finished(accepted.id, 5);
    let text = "";
    for await (const piece of accepted.stdoutText) text += piece;
    expect(text).toBe("seen missed later");
  });

  test("gives nothing to a caller who has given up: what comes late is ended", async () => {
    let answer: (result: unknown) => void = () => {};
    await using line = await recoverable({
      ...BASE,
      "holdfast/acceptConnection": () => new Promise((resolve) => (answer = resolve)),
    });
    const listener = await line.executor.processes.listen();
    const giveUp = new AbortController();
    const accepting = listener.accept({ signal: giveUp.signal });
    await settle();
    giveUp.abort();
    await expect(accepting).rejects.toMatchObject({ name: "AbortError" });
    answer(NEW);
    await settle();
    const [asked] = line.dialler.last.of("holdfast/acceptConnection");
    expect(line.dialler.last.of("process/terminate")).toMatchObject([{ processId: asked?.processId }]);
    await expect(listener.accept({ signal: giveUp.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("that was closed says so, and one that can't be had is a ListenError", async () => {
    await using line = await recoverable({
      ...BASE,
      "holdfast/acceptConnection": () => {
        throw new Refusal(-32600, "unknown listener id l");
      },
    });
    const listener = await line.executor.processes.listen();
    await expect(listener.accept()).rejects.toMatchObject({ name: "RemoteError", code: -32600 });
    await listener.close();
    expect(line.dialler.last.of("holdfast/closeListener")).toHaveLength(1);
    await using other = await recoverable({
      ...BASE,
      "holdfast/listen": () => {
        throw new Refusal(-32600, "other machines can reach 0.0.0.0");
      },
    });
    await expect(other.executor.processes.listen({ host: "0.0.0.0" })).rejects.toMatchObject({
      name: "ListenError",
      code: "refused",
    });
  });

  test("needs the capability, and a place", async () => {
    await using line = await recoverable({
      ...BASE,
      initialize: () => ({ sessionId: "s", environmentInfo: LINUX_INFO }),
    });
    const { processes } = line.executor;
    const unsupported = { name: "UnsupportedError", lacks: "the capability holdfastListeners" };
    await expect(processes.listen()).rejects.toMatchObject(unsupported);
    await expect(processes.openConnection({ path: "/run/docker.sock" })).rejects.toMatchObject(unsupported);
    await expect(processes.openConnection({} as never)).rejects.toMatchObject({ argument: "port" });
    await expect(processes.openConnection({ path: "/a", port: 1 } as never)).rejects.toMatchObject({
      argument: "path",
    });
    await expect(processes.listen({ path: "/a", host: "::1" })).rejects.toMatchObject({ argument: "path" });
  });
});
