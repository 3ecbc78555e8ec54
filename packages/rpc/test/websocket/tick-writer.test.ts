import { describe, expect, test } from "vitest";
import { TickWriter } from "../../src/websocket/tick-writer.ts";

function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A socket that keeps what was written between cork and uncork together, as one call to the system. */
class FakeSocket {
  readonly calls: string[][] = [];
  writableLength = 0;
  #corks = 0;
  #held: string[] = [];

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks === 0 && this.#held.length > 0) this.calls.push(this.#held.splice(0));
  }

  write(text: string): void {
    this.#held.push(text);
    if (this.#corks === 0) this.calls.push(this.#held.splice(0));
  }

  get isBalanced(): boolean {
    return this.#corks === 0;
  }
}

function setUp() {
  const socket = new FakeSocket();
  const writer = new TickWriter(socket);
  const write = (text: string): void => {
    writer.beforeWrite();
    socket.write(text);
  };
  return { socket, write };
}

describe("the writer of a socket", () => {
  test("joins what one callback writes, and sends it right after it", async () => {
    const { socket, write } = setUp();
    write("a");
    write("b");
    expect(socket.calls).toEqual([]);
    await nextTick();
    expect(socket.calls).toEqual([["a", "b"]]);
  });

  test("joins what later callbacks of the same turn write, and sends it at the end of the turn", async () => {
    const { socket, write } = setUp();
    write("a");
    for (const text of ["b", "c", "d"]) {
      await nextTick();
      write(text);
    }
    await nextTick();
    expect(socket.calls).toEqual([["a"]]);
    await nextTurn();
    expect(socket.calls).toEqual([["a"], ["b", "c", "d"]]);
    expect(socket.isBalanced).toBe(true);
  });

  test("begins anew in each turn", async () => {
    const { socket, write } = setUp();
    for (const text of ["a", "b", "c"]) {
      write(text);
      await nextTick();
      expect(socket.calls.at(-1)).toEqual([text]);
      await nextTurn();
    }
    expect(socket.calls).toHaveLength(3);
  });

  test("holds nothing back once much is queued", async () => {
    const { socket, write } = setUp();
    write("a");
    write("b");
    socket.writableLength = 128 * 1024;
    write("c");
    write("d");
    expect(socket.calls).toEqual([["a", "b"], ["c"], ["d"]]);
    socket.writableLength = 0;
    write("e");
    await nextTurn();
    expect(socket.calls.slice(3)).toEqual([["e"]]);
    expect(socket.isBalanced).toBe(true);
  });
});
