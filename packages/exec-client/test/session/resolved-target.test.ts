import { listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { FakeExecServer } from "../support/fake-exec-server.ts";

/** A listener that remembers what each handshake asked for and showed. */
async function listen() {
  const handshakes: string[] = [];
  const listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    closeGraceMs: 10,
    onPort: (port, { url, headers: { authorization = "nothing" } }) => {
      handshakes.push(`${url} ${authorization}`);
      void new FakeExecServer(port, {});
    },
  });
  const line = await BadLine.to(listener.url);
  const dispose = async () => {
    await line[Symbol.asyncDispose]();
    await listener.close();
  };
  return { line, handshakes, [Symbol.asyncDispose]: dispose };
}

describe("a target whose URL is found before each connection", () => {
  test("is asked again after a lost one, and its token stands for that of the options", async () => {
    await using far = await listen();
    let count = 0;
    const resolveUrl = () => {
      count += 1;
      const url = `${far.line.url}/?signature=${count}`;
      return Promise.resolve(count === 1 ? url : { url: new URL(url), token: "newer" });
    };
    await using executor = await connect({ resolveUrl }, { token: "first", processConnections: "shared" });
    far.line.cut();
    await until(() => far.handshakes.length === 2);
    await until(() => executor.state === "connected");
    expect(far.handshakes).toEqual(["/?signature=1 Bearer first", "/?signature=2 Bearer newer"]);
  });

  test("that can not tell it is not reachable, and what it says is shown without secrets", async () => {
    const resolveUrl = () => Promise.reject(new Error("no answer from https://user:secret@signer/?key=secret"));
    const failure = await connect({ resolveUrl }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "not-sent",
      message: "dialling failed: its URL was not found: no answer from https://***@signer/?***",
    });
    const { inspect } = await import("node:util");
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/user:secret|key=secret/);
  });

  test("that finds what is no URL of an executor is told so", async () => {
    const resolveUrl = () => Promise.resolve("http://box/?key=secret");
    await expect(connect({ resolveUrl })).rejects.toMatchObject({
      code: "closed",
      message: expect.stringMatching(
        /target must be a ws:, wss:, unix:, ssh: or relay\+https: URL, not http:\/\/box\/\?\*\*\*$/,
      ),
    });
  });

  test("that never tells it is given up in the time for connecting", async () => {
    const resolveUrl = () => new Promise<string>(() => {});
    await expect(connect({ resolveUrl }, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      delivery: "not-sent",
    });
  });
});
