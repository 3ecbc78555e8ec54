import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line, newExecutor } from "./line.ts";

async function serve() {
  const executor = newExecutor();
  const listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    pingIntervalMs: 50,
    // Longer than a busy machine keeps this process from reading: both ends are here.
    pongTimeoutMs: 3_000,
    closeGraceMs: 10,
    onPort: (port) => executor.accept(port),
  });
  const badLine = await BadLine.to(listener.url);
  const open = async (more: object = {}) => {
    const line = new Line({}, executor, await connectWebSocket(badLine.url));
    await line.open(more);
    return line;
  };
  /** As a client does: at once, and again while the server has not noticed. */
  const resume = (resumeSessionId: string) =>
    until(async () => {
      try {
        return await open({ resumeSessionId });
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === -32010) return undefined;
        throw error;
      }
    });
  const dispose = async () => {
    await executor.close();
    await badLine[Symbol.asyncDispose]();
    await listener.close();
  };
  return { executor, badLine, open, resume, [Symbol.asyncDispose]: dispose };
}

function write(line: Line, text: string) {
  return line.call("process/write", { processId: "p", writeId: text, chunk: base64(text) });
}

describe("a session over a real websocket", () => {
  test.each(["cut", "stall"] as const)("is resumed after a %s, with everything that was printed", async (loss) => {
    await using server = await serve();
    const line = await server.open();
    await line.start("p", ["cat"], { pipeStdin: true });
    await write(line, "before;");
    await line.when(() => line.text("p") === "before;");
    const poll = line.call("process/read", { processId: "p", afterSeq: 1, waitMs: 600_000 }).catch(() => "lost");
    server.badLine[loss]();
    const next = await server.resume(line.sessionId);
    expect(next.sessionId).toBe(line.sessionId);
    await write(next, "after;");
    await next.when(() => next.text("p") === "after;");
    expect(await next.call("process/read", { processId: "p" })).toMatchObject({
      chunks: [
        { seq: 1, chunk: base64("before;") },
        { seq: 2, chunk: base64("after;") },
      ],
      nextSeq: 3,
    });
    // The older line ends, however late, and takes nothing with it.
    server.badLine.cut();
    const last = await server.resume(line.sessionId);
    expect(await poll).toBe("lost");
    expect(await write(last, "end;")).toEqual({ status: "accepted" });
  });
});
