import { createPeer, type InboundServer, type PeerOptions, RpcFault } from "@holdfast/rpc";
import { jsonCodec } from "@holdfast/rpc/testing";
import { describe, expect, test } from "vitest";
import { messagesOf, peerAndWire, serverOf, turns } from "./peers.ts";
import { ScriptedPort } from "./scripted-port.ts";

function scripted(options: Partial<PeerOptions>) {
  const port = new ScriptedPort();
  const peer = createPeer({ port, codec: jsonCodec, ...options });
  return { port, peer };
}

function call(id: number, method = "run", params: unknown = id) {
  return { id, method, params };
}

describe("an inbound call", () => {
  test("that returns a plain value is answered in the same turn", () => {
    const { port } = scripted({ server: serverOf({ run: (params) => ({ got: params }) }) });
    port.deliver(call(1));
    expect(port.sent).toEqual(['{"id":1,"result":{"got":1}}']);
  });

  test("starts in order of arrival and is answered when it is ready", async () => {
    const started: unknown[] = [];
    const finish = new Map<unknown, (value: string) => void>();
    const run = (params: unknown): Promise<string> => {
      started.push(params);
      return new Promise((resolve) => finish.set(params, resolve));
    };
    const { port } = scripted({ server: serverOf({ run }) });
    for (const id of [1, 2, 3]) port.deliver(call(id));
    expect(started).toEqual([1, 2, 3]);
    for (const id of [2, 3, 1]) finish.get(id)?.(`done ${id}`);
    await turns(1);
    expect(port.sent.map((frame) => (JSON.parse(frame) as { id: number }).id)).toEqual([2, 3, 1]);
  });

  test("may return any thenable", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise is what is tested
    const thenable = { then: (resolve: (value: string) => void) => resolve("from afar") };
    const { port } = scripted({ server: serverOf({ run: () => thenable }) });
    port.deliver(call(1));
    await turns(1);
    expect(port.sent).toEqual(['{"id":1,"result":"from afar"}']);
  });

  test("echoes string, zero and negative ids", () => {
    const { port } = scripted({ server: serverOf({ run: () => 1 }) });
    for (const id of ["a", "", 0, -5]) port.deliver({ id, method: "run" });
    expect(port.sent.map((frame) => (JSON.parse(frame) as { id: unknown }).id)).toEqual(["a", "", 0, -5]);
  });

  test("is answered 'method not found' where there is no server", () => {
    const { port } = scripted({});
    port.deliver(call(4, "who/knows"));
    expect(JSON.parse(port.sent[0] ?? "")).toEqual({
      id: 4,
      error: { code: -32601, message: "method not found: who/knows" },
    });
  });

  test.each(["thrown", "rejected"])("that has %s an RpcFault is refused with its code, text and data", async (how) => {
    const fault = new RpcFault(-32010, "taken", { data: { by: 7 }, cause: new Error("secret") });
    const run = (): unknown => {
      if (how === "rejected") return Promise.reject(fault);
      throw fault;
    };
    const bugs: unknown[] = [];
    const { port } = scripted({ server: serverOf({ run }), onBug: (error) => bugs.push(error) });
    port.deliver(call(1));
    await turns(1);
    expect(JSON.parse(port.sent[0] ?? "")).toEqual({
      id: 1,
      error: { code: -32010, message: "taken", data: { by: 7 } },
    });
    expect(bugs).toEqual([]);
  });

  const nastyThrows: [string, unknown][] = [
    ["an error", new Error("a secret")],
    ["a string", "a secret"],
    ["undefined", undefined],
    ["null", null],
    ["an object without a prototype", Object.create(null)],
    ["a symbol", Symbol("a secret")],
    [
      "an object whose members throw",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
    ],
  ];
  describe.each(["throws", "rejects with"])("whose handler %s", (how) => {
    test.each(nastyThrows)("%s is answered without giving anything away", async (_name, thrown) => {
      const run = (): unknown => {
        if (how === "rejects with") return Promise.reject(thrown);
        throw thrown;
      };
      const bugs: unknown[][] = [];
      const server = serverOf({ run });
      const { port, peer } = scripted({ server, internalErrorCode: -1, onBug: (...bug) => bugs.push(bug) });
      port.deliver(call(1));
      await turns(1);
      expect(port.sent).toEqual(['{"id":1,"error":{"code":-1,"message":"internal error"}}']);
      expect(bugs).toHaveLength(1);
      expect(bugs[0]?.[0] === thrown && bugs[0]?.[1] === "run").toBe(true);
      expect(peer.state.kind).toBe("open");
    });
  });

  test("survives an onBug that throws", () => {
    const onBug = (): never => {
      throw new Error("worse");
    };
    const { port } = scripted({ server: serverOf({}), onBug });
    port.deliver(call(1));
    expect(JSON.parse(port.sent[0] ?? "")).toMatchObject({ error: { code: -32603 } });
  });

  test("whose result cannot be encoded is answered with an internal error", async () => {
    const server = serverOf({ now: () => 1n, later: () => Promise.resolve(1n) });
    const bugs: unknown[] = [];
    const { port } = scripted({ server, onBug: (error) => bugs.push(error) });
    port.deliver(call(1, "now"));
    port.deliver(call(2, "later"));
    await turns(1);
    expect(port.sent.map((frame) => JSON.parse(frame) as unknown)).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, error: { code: -32603 } },
    ]);
    expect(bugs).toHaveLength(2);
  });

  test("whose fault data cannot be encoded is still refused with its code", () => {
    const run = (): never => {
      throw new RpcFault(-5, "no", { data: 1n });
    };
    const { port } = scripted({ server: serverOf({ run }) });
    port.deliver(call(1));
    expect(port.sent).toEqual(['{"id":1,"error":{"code":-5,"message":"no"}}']);
  });

  test("sees its signal aborted when the line ends, and its answer goes nowhere", async () => {
    const signals: AbortSignal[] = [];
    const server = serverOf({
      run: (_params, signal) => {
        signals.push(signal());
        return new Promise((resolve) => signal().addEventListener("abort", () => resolve("too late")));
      },
    });
    const { peer, wire, farPort, send } = peerAndWire({ server });
    send(call(1));
    await turns();
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    farPort.destroy("gone");
    await peer.closed;
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    expect(signals[0]?.reason).toMatchObject({ code: "closed" });
    await turns();
    expect(wire.frames).toEqual([]);
  });

  test("sees an aborted signal when it first looks after the end", async () => {
    let look: () => AbortSignal = () => AbortSignal.abort();
    const server = serverOf({
      run: (_params, signal) => {
        look = signal;
        return new Promise(() => {});
      },
    });
    const { peer, farPort, send } = peerAndWire({ server });
    send(call(1));
    await turns();
    farPort.destroy("gone");
    await peer.closed;
    expect(look().aborted).toBe(true);
  });

  test("keeps its signal untouched when it ended before the line did", async () => {
    let kept: AbortSignal | undefined;
    const server = serverOf({
      run: (_params, signal) => {
        kept = signal();
        return 1;
      },
    });
    const { peer, farPort, send } = peerAndWire({ server });
    send(call(1));
    await turns();
    farPort.destroy("gone");
    await peer.closed;
    expect(kept?.aborted).toBe(false);
  });
});

describe("a notice", () => {
  test("reaches the server and every handler of its method, in order", () => {
    const seen: unknown[] = [];
    const { port, peer } = scripted({
      server: { call: () => null, notice: (notice) => seen.push(["server", notice.params]) },
    });
    peer.on("n", (params) => seen.push(["first", params]));
    const stop = peer.on("n", (params) => seen.push(["second", params]));
    peer.on("other", () => seen.push("never"));
    port.deliver({ method: "n", params: 1 });
    stop();
    stop();
    port.deliver({ method: "n", params: 2 });
    expect(seen).toEqual([
      ["server", 1],
      ["first", 1],
      ["second", 1],
      ["server", 2],
      ["first", 2],
    ]);
  });

  test("goes on to the other handlers when one throws, and the line lives", () => {
    const seen: unknown[] = [];
    const bugs: unknown[] = [];
    const { port, peer } = scripted({ onBug: (error, method) => bugs.push([String(error), method]) });
    peer.on("n", () => {
      throw new Error("mine");
    });
    peer.on("n", (params) => seen.push(params));
    port.deliver({ method: "n", params: 1 });
    expect([seen, bugs, port.closes]).toEqual([[1], [["Error: mine", "n"]], []]);
  });

  test("may stop handlers while it is delivered", () => {
    const seen: string[] = [];
    const { port, peer } = scripted({});
    const stop = peer.on("n", () => {
      seen.push("first");
      stop();
    });
    peer.on("n", () => seen.push("second"));
    port.deliver({ method: "n" });
    port.deliver({ method: "n" });
    expect(seen).toEqual(["first", "second", "second"]);
  });

  test("reaches handlers that were added in the turn the peer was created", async () => {
    const { peer, send } = peerAndWire();
    const seen: unknown[] = [];
    send({ method: "n", params: 1 });
    peer.on("n", (params) => seen.push(params));
    await turns();
    expect(seen).toEqual([1]);
  });

  const violations: [string, InboundServer["notice"]][] = [
    [
      "throws",
      () => {
        throw new Error("unexpected notice");
      },
    ],
    ["is async and rejects", async () => Promise.reject(new RpcFault(1, "unexpected notice"))],
  ];
  test.each(violations)("closes the line with 1002 and the reason when the server %s", async (_how, notice) => {
    const { peer, wire, send } = peerAndWire({ server: { call: () => null, notice } });
    send({ method: "n" });
    expect(await peer.closed).toMatchObject({ initiator: "local", code: 1002, reason: "unexpected notice" });
    expect(await wire.closedOnce()).toMatchObject({ code: 1002 });
  });
});

describe("a malformed frame", () => {
  test("is answered as the codec says, and the line lives on", async () => {
    const { peer, wire, farPort, send } = peerAndWire({ server: serverOf({ run: () => "fine" }) });
    for (const frame of ["", "nonsense", "[]", "1", "null", '{"id":1}']) farPort.send(frame);
    send(call(1));
    await wire.framesArrived(7);
    expect(messagesOf(wire).slice(0, 6)).toMatchObject(Array(6).fill({ id: -1, error: { code: -32600 } }));
    expect(messagesOf(wire)[6]).toEqual({ id: 1, result: "fine" });
    expect(peer.state.kind).toBe("open");
  });

  test("ends a port that says so, without an answer", () => {
    const port = new ScriptedPort();
    port.endsAtUnreadable = true;
    createPeer({ port, codec: jsonCodec, server: serverOf({ run: () => "fine" }) });
    port.receiver?.frame("nonsense");
    expect(port.sent).toEqual([]);
    expect(port.closes).toEqual([
      { code: 1006, reason: expect.stringContaining("received a message that can't be read") },
    ]);
  });

  test("is met with silence where the codec says so", async () => {
    const { wire, farPort, send } = peerAndWire({
      codec: { ...jsonCodec, encodeMalformed: () => undefined },
      server: serverOf({ run: () => "fine" }),
    });
    farPort.send("nonsense");
    send(call(1));
    await wire.framesArrived(1);
    expect(messagesOf(wire)).toEqual([{ id: 1, result: "fine" }]);
  });

  test("does no harm when the codec breaks its promise and throws", () => {
    const decode = (): never => {
      throw new Error("decoder bug");
    };
    const bugs: unknown[] = [];
    const { port, peer } = scripted({ codec: { ...jsonCodec, decode }, onBug: (error) => bugs.push(error) });
    port.deliver({});
    expect([port.sent.length, bugs.length, peer.state.kind]).toEqual([1, 1, "open"]);
  });

  test("closes the line with 1011 when even its answer cannot be made", () => {
    const encodeMalformed = (): never => {
      throw new Error("encoder bug");
    };
    const { port } = scripted({ codec: { ...jsonCodec, encodeMalformed } });
    port.receiver?.frame("nonsense");
    expect(port.closes).toEqual([{ code: 1011, reason: "internal error" }]);
  });
});
