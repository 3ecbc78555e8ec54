import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;
const P = "p";

/** The owner of a process in a terminal, and another client of the same executor. */
async function ownerAndOther(script: string, more: object = { tty: true }, clock?: FakeClock) {
  const owner = await Line.ready(clock === undefined ? {} : { clock, limits: { detachedSessionTtlMs: 120_000 } });
  const other = await Line.ready({}, owner.executor);
  await owner.start(P, ["/bin/sh", "-c", script], more);
  const named = { sessionId: owner.sessionId, processId: P };
  return { owner, other, named, [Symbol.asyncDispose]: () => owner.executor.close() };
}

function textOf(result: { chunks: readonly { chunk: string }[] }): string {
  return result.chunks.map(({ chunk }) => Buffer.from(chunk, "base64").toString()).join("");
}

/** Everything that a reader along gets until the process is closed, or the text is there. */
async function follow(line: Line, named: object, wanted?: string): Promise<string> {
  let text = "";
  for (let afterSeq = 0; ; ) {
    const result = await line.call("holdfast/readShared", { ...named, afterSeq, waitMs: 10_000 });
    text += textOf(result);
    afterSeq = result.nextSeq - 1;
    if (result.closed || (wanted !== undefined && text.includes(wanted))) return text;
  }
}

function write(line: Line, method: string, named: object, text: string, writeId = text) {
  return line.call(method, { ...named, writeId, chunk: base64(text) });
}

describe("reading along", () => {
  test("any number of clients see what the owner sees, from what is kept on to the end", async () => {
    await using place = await ownerAndOther("echo one; read line; echo got $line; exit 3", { pipeStdin: true });
    const { owner, other, named } = place;
    await owner.when(() => owner.text(P) === "one\n");
    const third = await Line.ready({}, owner.executor);
    const all = [follow(other, named), follow(third, named), follow(owner, named)];
    await write(owner, "process/write", { processId: P }, "two\n");
    expect(await Promise.all(all)).toEqual(["one\ngot two\n", "one\ngot two\n", "one\ngot two\n"]);
    const last = await other.call("holdfast/readShared", named);
    expect(last).toMatchObject({ exited: true, exitCode: 3, closed: true, input: "owner" });
    expect(last).not.toHaveProperty("terminal");
    await owner.when(() => owner.isClosed(P));
    expect([owner.text(P), other.notices.length]).toEqual(["one\ngot two\n", 0]);
  });

  test("lists the processes of the session, and tells whether somebody has it", async () => {
    await using place = await ownerAndOther("sleep 60");
    const { owner, other, named } = place;
    const { sessionId } = named;
    expect(await other.call("holdfast/listShared", { sessionId })).toMatchObject({
      processes: [{ processId: P, argv: ["/bin/sh", "-c", "sleep 60"], isTerminal: true, exitCode: null }],
      hasMore: false,
      isAttached: true,
    });
    await owner.hangUp();
    expect(await other.call("holdfast/listShared", { sessionId })).toMatchObject({ isAttached: false });
  });

  test("holds nobody up that does not ask, and misses what was dropped meanwhile", async () => {
    await using place = await ownerAndOther("head -c 3000000 /dev/zero; echo end", {});
    const { owner, other, named } = place;
    await other.call("holdfast/readShared", named);
    await owner.when(() => owner.isClosed(P));
    const { chunks, nextSeq } = await other.call("holdfast/readShared", named);
    expect(chunks[0].seq).toBeGreaterThan(1);
    expect(owner.seqs(P).at(-1)).toBe(nextSeq - 1);
  });

  test("is refused for what there is not", async () => {
    await using place = await ownerAndOther("sleep 60");
    const { other, named } = place;
    for (const [params, message] of [
      [{ ...named, sessionId: "nosuch" }, "unknown session id nosuch"],
      [{ ...named, processId: "nosuch" }, "unknown process id nosuch"],
    ] as const) {
      for (const method of ["readShared", "takeInput", "giveInput"]) {
        await expect(other.call(`holdfast/${method}`, params)).rejects.toMatchObject({
          code: INVALID_REQUEST,
          message,
        });
      }
    }
    await expect(other.call("holdfast/listShared", { sessionId: "nosuch" })).rejects.toMatchObject({
      code: INVALID_REQUEST,
    });
  });

  test("keeps a session that nobody has, for as long as somebody looks", async () => {
    const clock = new FakeClock();
    await using place = await ownerAndOther("sleep 60", {}, clock);
    const { owner, other, named } = place;
    await owner.hangUp();
    for (let time = 0; time < 3; time += 1) {
      await clock.advance(100_000);
      expect(await other.call("holdfast/readShared", named)).toMatchObject({ exited: false });
    }
    await clock.advance(120_000);
    await expect(other.call("holdfast/readShared", named)).rejects.toMatchObject({ code: INVALID_REQUEST });
  });

  test("a signal reaches it", async () => {
    await using place = await ownerAndOther("trap 'exit 7' TERM; echo on; while :; do sleep 0.02; done");
    const { owner, other, named } = place;
    await owner.when(() => owner.text(P).includes("on"));
    expect(await other.call("holdfast/signalShared", { ...named, signal: "SIGTERM" })).toEqual({ delivered: true });
    await owner.when(() => owner.isClosed(P));
    expect(await other.call("holdfast/signalShared", { ...named, signal: "SIGTERM" })).toEqual({ delivered: false });
  });
});

describe("an input that is taken", () => {
  const ECHOES = "stty -echo; echo ready; while read line; do echo got $line of $(stty size); done";

  test("comes from the one who took it; what the owner writes follows when it is given back", async () => {
    await using place = await ownerAndOther(ECHOES);
    const { owner, other, named } = place;
    const own = { processId: P };
    await owner.when(() => owner.text(P).includes("ready"));
    await owner.call("holdfast/resizeTerminal", { ...own, rows: 30, columns: 90 });
    const change = owner.call("holdfast/awaitInput", { ...own, isTaken: false, waitMs: 10_000 });
    expect(await other.call("holdfast/takeInput", named)).toEqual({});
    expect(await other.call("holdfast/takeInput", named)).toEqual({});
    expect(await change).toEqual({ isTaken: true });
    expect(await write(owner, "process/write", own, "owner\n")).toEqual({ status: "accepted" });
    await other.call("holdfast/resizeShared", { ...named, rows: 40, columns: 100 });
    // Its own client may want another size meanwhile, and has it later.
    await owner.call("holdfast/resizeTerminal", { ...own, rows: 31, columns: 91 });
    expect(await write(other, "holdfast/writeShared", named, "other\n")).toEqual({ status: "accepted" });
    expect(await write(other, "holdfast/writeShared", named, "other\n")).toEqual({ status: "accepted" });
    await owner.when(() => owner.text(P).includes("got other of 40 100"));
    expect(await other.call("holdfast/readShared", named)).toMatchObject({
      input: "self",
      terminal: { rows: 40, columns: 100 },
    });
    expect(await owner.call("holdfast/readShared", named)).toMatchObject({ input: "other" });
    expect(owner.text(P)).not.toContain("got owner");
    const back = owner.call("holdfast/awaitInput", { ...own, isTaken: true, waitMs: 10_000 });
    await other.call("holdfast/giveInput", named);
    await other.call("holdfast/giveInput", named);
    expect(await back).toEqual({ isTaken: false });
    await owner.when(() => owner.text(P).includes("got owner of 31 91"));
    expect(owner.text(P).match(/got other/g)).toHaveLength(1);
  });

  test("is waited for by as many calls as may wait on a connection, and by none that is to be let go of", async () => {
    const owner = await Line.ready({ limits: { maxLongPolls: 1 } });
    await using _executor = { [Symbol.asyncDispose]: () => owner.executor.close() };
    await owner.start(P, ["/bin/cat"], { tty: true });
    const asked = { processId: P, isTaken: false, waitMs: 30_000 };
    const first = owner.call("holdfast/awaitInput", asked);
    const second = owner.call("holdfast/awaitInput", asked);
    expect(await first).toEqual({ isTaken: false });
    const suspended = await owner.executor.suspend();
    expect(await second, "before its connection is closed").toEqual({ isTaken: false });
    suspended.resume();
  });

  test("its end, too, comes when it is given back", async () => {
    await using place = await ownerAndOther("cat; echo over", { pipeStdin: true });
    const { owner, other, named } = place;
    await other.call("holdfast/takeInput", named);
    await write(owner, "process/write", { processId: P }, "last\n");
    await owner.call("holdfast/closeStdin", { processId: P });
    await write(other, "holdfast/writeShared", named, "first\n");
    await owner.when(() => owner.text(P) === "first\n");
    await other.call("holdfast/giveInput", named);
    await owner.when(() => owner.isClosed(P));
    expect(owner.text(P)).toBe("first\nlast\nover\n");
  });

  test("is one client's at a time", async () => {
    await using place = await ownerAndOther(ECHOES);
    const { owner, other, named } = place;
    const third = await Line.ready({}, owner.executor);
    await other.call("holdfast/takeInput", named);
    const refused = { code: INVALID_REQUEST };
    await expect(third.call("holdfast/takeInput", named)).rejects.toMatchObject({
      ...refused,
      message: `another client has taken the input of process ${P}`,
    });
    await expect(write(third, "holdfast/writeShared", named, "x")).rejects.toMatchObject(refused);
    await expect(third.call("holdfast/resizeShared", { ...named, rows: 1, columns: 1 })).rejects.toMatchObject(refused);
    await third.call("holdfast/giveInput", named);
    expect(await third.call("holdfast/readShared", named)).toMatchObject({ input: "other" });
    await expect(owner.call("holdfast/takeInput", named)).rejects.toMatchObject(refused);
  });

  test("is given back with the session that took it, and when that has been without a connection for a minute", async () => {
    const clock = new FakeClock();
    await using place = await ownerAndOther(ECHOES, { tty: true }, clock);
    const { owner, other, named } = place;
    await other.call("holdfast/takeInput", named);
    await other.hangUp();
    await clock.advance(59_000);
    expect(await owner.call("holdfast/readShared", named)).toMatchObject({ input: "other" });
    const back = await Line.resume(owner.executor, other.sessionId);
    expect(await back.call("holdfast/readShared", named)).toMatchObject({ input: "self" });
    await back.hangUp();
    await clock.advance(60_000);
    expect(await owner.call("holdfast/readShared", named)).toMatchObject({ input: "owner" });
  });

  test("is none for a process without one, or that has ended", async () => {
    await using place = await ownerAndOther("exit 0", { pipeStdin: true });
    const { owner, other, named } = place;
    await owner.when(() => owner.isClosed(P));
    await expect(other.call("holdfast/takeInput", named)).rejects.toMatchObject({ message: `process ${P} has ended` });
    await owner.start("q", ["/bin/sleep", "60"]);
    await expect(other.call("holdfast/takeInput", { ...named, processId: "q" })).rejects.toMatchObject({
      message: "process q takes no input",
    });
    expect(await owner.call("holdfast/awaitInput", { processId: "q", isTaken: false })).toEqual({ isTaken: false });
  });

  test("of a process that ends meanwhile is nobody's", async () => {
    await using place = await ownerAndOther("read line; exit 0");
    const { owner, other, named } = place;
    await other.call("holdfast/takeInput", named);
    await write(owner, "process/write", { processId: P }, "kept\n");
    await write(other, "holdfast/writeShared", named, "bye\n");
    await owner.when(() => owner.isClosed(P));
    await until(async () => (await other.call("holdfast/readShared", named)).input === "owner");
    // As a write of its own client is answered.
    for (const [line, method, of] of [
      [other, "holdfast/writeShared", named],
      [owner, "process/write", { processId: P }],
    ] as const) {
      await expect(write(line, method, of, "late")).rejects.toMatchObject({ code: INTERNAL_ERROR });
    }
  });

  test("is none once its owner has told its end, but for a terminal, which reads on", async () => {
    await using place = await ownerAndOther("cat >/dev/null; sleep 60", { pipeStdin: true });
    const { owner, other, named } = place;
    await owner.call("holdfast/closeStdin", { processId: P });
    await expect(other.call("holdfast/takeInput", named)).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: `process ${P} takes no input any more`,
    });
    await owner.start("t", ["/bin/sh", "-c", "cat; read line; echo got $line"], { tty: true });
    await owner.call("holdfast/closeStdin", { processId: "t" });
    const terminal = { ...named, processId: "t" };
    await other.call("holdfast/takeInput", terminal);
    await write(other, "holdfast/writeShared", terminal, "more\n");
    await owner.when(() => owner.text("t").includes("got more"));
  });
});
