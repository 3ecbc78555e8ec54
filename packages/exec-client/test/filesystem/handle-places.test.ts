import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connected, settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { type Handler, LINUX_INFO, Refusal } from "../support/fake-exec-server.ts";

const FILES: Record<string, Handler> = { "fs/open": ({ handleId }) => ({ handleId }), "fs/close": () => ({}) };

function openAll({ executor }: Pick<Awaited<ReturnType<typeof connected>>, "executor">, count: number) {
  const opening = Array.from({ length: count }, (_, index) => executor.fs.open(`/${index}`));
  // What still waits at the end of a test fails with the connection.
  for (const each of opening) each.catch(() => {});
  return opening;
}

describe("more files than may be open", () => {
  const staging = { initialize: () => ({ sessionId: "s", environmentInfo: withStaging() }) };

  test("are opened in order, as others are closed", async () => {
    await using line = await connected({ ...FILES, ...staging });
    const opening = openAll(line, 200);
    const handles = await Promise.all(opening.slice(0, 128));
    await settle();
    expect(line.server.of("fs/open")).toHaveLength(128);
    for (const handle of handles) await handle.close();
    await Promise.all(opening);
    const paths = line.server.of("fs/open").map(({ path }) => path);
    expect(paths).toEqual(Array.from({ length: 200 }, (_, index) => `file:///${index}`));
  });

  test("take no place when they could not be opened, or were closed twice", async () => {
    const refuse = () => {
      throw new Refusal(-32004, "no");
    };
    await using line = await connected({ ...FILES, ...staging, "fs/open": refuse });
    const outcomes = await Promise.allSettled(openAll(line, 300));
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(300);
    expect(line.server.of("fs/open")).toHaveLength(300);
  });

  test("wait for as long as the signal and the time allow, and then were not opened", async () => {
    await using line = await connected({ ...FILES, ...staging });
    await Promise.all(openAll(line, 128));
    const controller = new AbortController();
    const aborted = line.executor.fs.open("/a", { signal: controller.signal });
    const late = line.executor.fs.open("/b", { timeoutMs: 500 });
    for (const opening of [aborted, late]) opening.catch(() => {});
    await settle();
    controller.abort("enough");
    await expect(aborted).rejects.toMatchObject({ name: "AbortError", delivery: "not-sent", cause: "enough" });
    await line.clock.advance(500);
    await expect(late).rejects.toMatchObject({
      name: "TimeoutError",
      delivery: "not-sent",
      message: "fs/open waited for one of 128 open files to be closed longer than 500 ms",
    });
    expect(line.server.of("fs/open")).toHaveLength(128);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("are opened on the next connection when theirs is lost: it has places of its own", async () => {
    await using line = await recoverable({ ...FILES, ...staging });
    await Promise.all(openAll(line, 128));
    const waiting = line.executor.fs.open("/waits");
    await settle();
    await line.cut();
    await line.clock.advance(100);
    await waiting;
    expect(line.dialler.last.of("fs/open").map(({ path }) => path)).toEqual(["file:///waits"]);
  });

  test("leave 32 places to write where streams write through them, however many are read", async () => {
    const endless = { "fs/readBlock": () => ({ chunk: "YQ==", eof: false }) };
    await using line = await connected({ ...FILES, ...endless });
    const read = () =>
      void line.executor.fs
        .createReadStream("/r")
        .getReader()
        .read()
        .catch(() => {});
    for (let count = 0; count < 200; count += 1) read();
    await until(() => line.server.of("fs/open").length >= 96);
    await settle();
    expect(line.server.of("fs/open")).toHaveLength(96);
    const writing = Array.from({ length: 33 }, () => line.executor.fs.open("/w", { mode: "replace" }));
    for (const each of writing) each.catch(() => {});
    await Promise.all(writing.slice(0, 32));
    await settle();
    expect(line.server.of("fs/open")).toHaveLength(128);
  });
});

function withStaging() {
  return { ...LINUX_INFO, capabilities: { ...LINUX_INFO.capabilities, holdfastStaging: true } };
}
