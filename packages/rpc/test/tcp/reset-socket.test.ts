import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { resetSocket } from "../../src/tcp/index.ts";

/** Both ends of a connection on loopback. */
async function connection(): Promise<{ near: Socket; far: Socket; end: () => Promise<void> }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const near = connect({ port: typeof address === "object" ? (address?.port ?? 0) : 0, host: "127.0.0.1" });
  const [[far]] = await Promise.all([accepted, once(near, "connect")]);
  const end = async (): Promise<void> => {
    far.destroy();
    server.close();
    await once(server, "close");
  };
  return { near, far, end };
}

describe("a connection that is reset", () => {
  test.each([
    ["while nothing is under way", () => {}],
    ["in the moment in which its end is sent", (near: Socket) => void near.end()],
    ["in the moment in which its last bytes are sent", (near: Socket) => void near.end("the last")],
  ])("%s is closed, and the far end hears of it", async (_, before) => {
    const { near, far, end } = await connection();
    near.on("error", () => {});
    const told = new Promise<string>((resolve) => {
      far.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? ""));
      far.on("end", () => resolve("end"));
    });
    far.resume();
    const isClosed = once(near, "close");
    before(near);
    // In the tick in which a stream begins to send its end.
    process.nextTick(() => resetSocket(near));
    await isClosed;
    expect(["ECONNRESET", "end"]).toContain(await told);
    await end();
  });

  test("with bytes on their way is no end to the far side", async () => {
    const { near, far, end } = await connection();
    near.on("error", () => {});
    const told = once(far, "error");
    near.write(Buffer.alloc(64 * 1024 * 1024));
    near.end();
    await once(far, "readable");
    resetSocket(near);
    far.resume();
    const [error] = await told;
    expect(error).toMatchObject({ code: "ECONNRESET" });
    await end();
  });
});
