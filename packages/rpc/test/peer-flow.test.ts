import { createPeer, type Peer, type PeerOptions } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { jsonCodec, wireTap } from "@holdfast/rpc/testing";
import { describe, expect, test } from "vitest";
import { serverOf, turns, twoPeers } from "./peers.ts";
import { ScriptedPort } from "./scripted-port.ts";

function scripted(options: Partial<PeerOptions>) {
  const port = new ScriptedPort();
  const peer = createPeer({ port, codec: jsonCodec, ...options });
  return { port, peer };
}

function call(id: number) {
  return { id, method: "run", params: id };
}

function idsOf(port: ScriptedPort) {
  return port.sent.map((frame) => (JSON.parse(frame) as { id: number }).id);
}

function forget(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

describe("the number of running calls", () => {
  const heldOpen = () => {
    const started: unknown[] = [];
    const finish: (() => void)[] = [];
    const run = (params: unknown): Promise<null> => {
      started.push(params);
      return new Promise((resolve) => finish.push(() => resolve(null)));
    };
    return { started, finish, server: serverOf({ run }) };
  };

  test("pauses the port at its limit, and resumes it when one has finished", async () => {
    const { started, finish, server } = heldOpen();
    const { port } = scripted({ server, limits: { maxRunningCalls: 2 } });
    port.deliver(call(1));
    expect(port.reading).toBe("flowing");
    port.deliver(call(2));
    expect(port.reading).toBe("paused");
    finish[0]?.();
    await turns(1);
    expect(port.reading).toBe("flowing");
    port.deliver(call(3));
    expect([started, port.reading]).toEqual([[1, 2, 3], "paused"]);
  });

  test("never exceeds its limit, even when a port delivers on", async () => {
    const { started, finish, server } = heldOpen();
    const { port } = scripted({ server, limits: { maxRunningCalls: 2 } });
    for (let id = 1; id <= 5; id += 1) port.deliver(call(id));
    expect(started).toEqual([1, 2]);
    finish[1]?.();
    await turns(1);
    expect(started).toEqual([1, 2, 3]);
    for (let index = 0; index < 5; index += 1) {
      finish[index]?.();
      await turns(1);
    }
    expect(started).toEqual([1, 2, 3, 4, 5]);
    expect(port.reading).toBe("flowing");
  });

  test("does not stop a running handler from hearing the answer to a call of its own", async () => {
    const { port, peer } = scripted({
      limits: { maxRunningCalls: 1 },
      server: serverOf({ run: async () => peer.call("ask", null) }),
    });
    port.deliver(call(1));
    expect(port.reading).toBe("flowing");
    port.deliver(call(2));
    expect([port.reading, port.sent.length]).toEqual(["flowing", 1]);
    port.deliver({ id: 1, result: "told" });
    await turns(1);
    expect(port.sent.map((frame) => JSON.parse(frame) as unknown)).toMatchObject([
      { method: "ask", id: 1 },
      { id: 1, result: "told" },
      { method: "ask", id: 2 },
    ]);
  });
});

describe("a full outbound queue", () => {
  test("keeps new calls from starting, and stops reading", () => {
    const { port } = scripted({ server: serverOf({ run: (params) => params }) });
    port.deliver(call(1));
    port.writable = false;
    port.deliver(call(2));
    port.deliver(call(3));
    expect([idsOf(port), port.reading]).toEqual([[1], "paused"]);
    port.drain();
    expect([idsOf(port), port.reading]).toEqual([[1, 2, 3], "flowing"]);
  });

  test("leaves room for answers when it was notices that filled it", () => {
    const { port } = scripted({
      server: serverOf({ run: (params) => params }),
      limits: { maxQueuedAnswerBytes: 1_000 },
    });
    port.writable = false;
    port.fullBytes = 999;
    port.deliver(call(1));
    expect([idsOf(port), port.reading]).toEqual([[1], "flowing"]);
    port.fullBytes = 1_000;
    port.deliver(call(2));
    expect([idsOf(port), port.reading]).toEqual([[1], "paused"]);
  });

  test("keeps the order of calls and notices", () => {
    const seen: unknown[] = [];
    const { port } = scripted({
      server: {
        call: ({ params }) => seen.push(params),
        notice: ({ params }) => {
          seen.push(params);
        },
      },
    });
    port.writable = false;
    port.deliver(call(1));
    port.deliver({ method: "n", params: "then this" });
    expect(seen).toEqual([]);
    port.drain();
    expect(seen).toEqual([1, "then this"]);
  });

  test("does not keep notices waiting when no call is", () => {
    const seen: unknown[] = [];
    const { port, peer } = scripted({});
    peer.on("n", (params) => seen.push(params));
    port.writable = false;
    port.deliver({ method: "n", params: 1 });
    expect([seen, port.reading]).toEqual([[1], "flowing"]);
  });

  test("does not keep answers waiting", async () => {
    const { port, peer } = scripted({ server: serverOf({ run: (params) => params }) });
    port.writable = false;
    // More than calls of the far end wait for, less than own calls do.
    port.fullBytes = 32 * 1024 * 1024;
    port.deliver(call(1));
    expect(port.reading).toBe("paused");
    const answer = peer.call("ask", null);
    expect(port.reading).toBe("flowing");
    port.deliver({ id: 1, result: "told" });
    expect(await answer).toBe("told");
    expect(idsOf(port)).toEqual([1]);
  });

  test("holds a bounded size of calls while this side waits for an answer", () => {
    const { port, peer } = scripted({ server: serverOf({ run: () => 1 }), limits: { maxHeldBytes: 2_000 } });
    forget(peer.call("ask", null));
    port.writable = false;
    port.deliver({ id: 1, method: "run", params: "x".repeat(900) });
    expect(port.reading).toBe("flowing");
    port.deliver({ id: 2, method: "run", params: "x".repeat(900) });
    expect(port.reading).toBe("paused");
    port.drain();
    expect([port.reading, port.sent.length]).toEqual(["flowing", 3]);
  });

  test("does not let answers to malformed frames pile up", () => {
    const { port } = scripted({});
    port.writable = false;
    port.receiver?.frame("nonsense");
    expect([port.sent, port.reading]).toEqual([[], "paused"]);
    port.drain();
    expect(port.sent).toHaveLength(1);
  });

  test("wakes those who wait for room, and so does the end", async () => {
    const { port, peer } = scripted({});
    await peer.whenWritable();
    port.writable = false;
    const order: string[] = [];
    const waits = [
      peer.whenWritable().then(() => order.push("first")),
      peer.whenWritable().then(() => order.push("second")),
    ];
    await turns(1);
    expect([order, peer.writable]).toEqual([[], false]);
    port.drain();
    await Promise.all(waits);
    expect(order).toEqual(["first", "second"]);
    port.writable = false;
    const last = peer.whenWritable();
    peer.close();
    await last;
    await peer.whenWritable();
  });
});

describe("two busy peers", () => {
  const flood = async (peer: Peer, count: number, payload: string): Promise<number> => {
    const answers = Array.from({ length: count }, (_, index) => peer.call("echo", { index, payload }));
    const echoed = (await Promise.all(answers)) as { index: number }[];
    return echoed.filter((answer, index) => answer.index === index).length;
  };

  test.each(["at once", "later"])(
    "finish 10,000 pipelined calls each way over a tiny queue, answered %s",
    async (when) => {
      const echo = when === "at once" ? (params: unknown) => params : async (params: unknown) => params;
      const options = { server: serverOf({ echo }), limits: { maxPendingCalls: 10_000, maxRunningCalls: 10_000 } };
      const [left, right] = twoPeers(options, options, { highWaterBytes: 512, lowWaterBytes: 64 });
      const counts = await Promise.all([flood(left, 10_000, "l"), flood(right, 10_000, "r")]);
      expect(counts).toEqual([10_000, 10_000]);
    },
  );

  test("finish nested calls with room for one running call each", async () => {
    const [left, right] = twoPeers(
      { server: serverOf({ leaf: (params) => params }), limits: { maxRunningCalls: 1 } },
      {
        server: serverOf({ outer: async (params) => right.call("leaf", params) }),
        limits: { maxRunningCalls: 1 },
      },
      { highWaterBytes: 16 },
    );
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => left.call("outer", index)));
    expect(answers).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  test("keep the queue within its mark and one message when the producer honours writable", async () => {
    const [leftPort, rightPort] = memoryLink({ highWaterBytes: 10_000, lowWaterBytes: 1_000 });
    let most = 0;
    const tapped = wireTap(leftPort, () => {
      most = Math.max(most, leftPort.queuedBytes);
    });
    const left = createPeer({ port: tapped, codec: jsonCodec });
    const right = createPeer({ port: rightPort, codec: jsonCodec });
    let heard = 0;
    right.on("n", () => {
      heard += 1;
    });
    for (let sent = 0; sent < 2_000; sent += 1) {
      if (!left.writable) await left.whenWritable();
      left.notify("n", "x".repeat(1_000));
    }
    await turns();
    expect(heard).toBe(2_000);
    expect(most).toBeGreaterThan(9_000);
    expect(most).toBeLessThanOrEqual(10_000 + 1_100);
  });
});

describe("a held peer", () => {
  const listening = (options: Partial<PeerOptions> = {}) => {
    const heard: unknown[] = [];
    const { port, peer } = scripted(options);
    peer.on("n", (params) => void heard.push(params));
    return { port, peer, heard };
  };
  const notice = (params: unknown) => ({ method: "n", params });

  test("stops reading, and hears in order what came when every hold is released", () => {
    const { port, peer, heard } = listening();
    const [a, b] = [peer.hold(), peer.hold()];
    expect(port.reading).toBe("paused");
    port.deliver(notice(1));
    port.deliver(notice(2));
    a[Symbol.dispose]();
    expect([heard, port.reading]).toEqual([[], "paused"]);
    b[Symbol.dispose]();
    expect([heard, port.reading]).toEqual([[1, 2], "flowing"]);
  });

  test("hears the answer to a call of its own, past what is held", async () => {
    const { port, peer, heard } = listening();
    using _ = peer.hold();
    const answer = peer.call("ask", null);
    expect(port.reading).toBe("flowing");
    port.deliver(notice(1));
    port.deliver({ id: 1, result: "told" });
    expect(await answer).toBe("told");
    port.deliver(notice(2));
    expect([heard, port.reading]).toEqual([[], "paused"]);
  });

  test("reads no further for an answer than it may keep", () => {
    const { port, peer } = listening({ limits: { maxHeldBytes: 1_000 } });
    using _ = peer.hold();
    forget(peer.call("ask", null));
    for (let left = 3; left > 0; left -= 1) port.deliver(notice("x"));
    expect(port.reading).toBe("flowing");
    port.deliver(notice("x"));
    expect(port.reading).toBe("paused");
  });

  test("starts no call, and answers those that came when it is released", () => {
    const { port, peer } = scripted({ server: serverOf({ run: (params) => params }) });
    const hold = peer.hold();
    port.deliver(call(1));
    expect(port.sent).toEqual([]);
    hold[Symbol.dispose]();
    expect(idsOf(port)).toEqual([1]);
  });

  test("is held again in the middle of what it lets through", () => {
    const { port, peer, heard } = listening();
    let again: Disposable | undefined;
    peer.on("n", (params) => {
      if (params === 1) again = peer.hold();
    });
    const hold = peer.hold();
    for (const params of [1, 2, 3]) port.deliver(notice(params));
    hold[Symbol.dispose]();
    expect([heard, port.reading]).toEqual([[1], "paused"]);
    again?.[Symbol.dispose]();
    expect([heard, port.reading]).toEqual([[1, 2, 3], "flowing"]);
  });

  test("makes a far end wait that sends without end, and loses nothing of it", async () => {
    const heard: unknown[] = [];
    const [near, far] = twoPeers({}, {}, { highWaterBytes: 10_000 });
    near.on("n", (params) => void heard.push(params));
    const hold = near.hold();
    let sent = 0;
    while (far.writable) far.notify("n", ++sent);
    await turns();
    expect([far.writable, heard]).toEqual([false, []]);
    hold[Symbol.dispose]();
    await far.whenWritable();
    await turns();
    expect(heard).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  });
});
