import { describe, expect, test } from "vitest";
import { WireClient, WireTimeoutError } from "../src/index.ts";

/** A client, what it has put on the line, and a way to answer. */
function onALine() {
  const sent: string[] = [];
  const client = new WireClient((frame) => void sent.push(String(frame)));
  const say = (message: object) => client.receive(JSON.stringify(message));
  return { client, sent, say };
}

const output = (seq: number, text: string) => ({
  method: "process/output",
  params: { processId: "p", seq, chunk: Buffer.from(text).toString("base64") },
});

describe("a raw client", () => {
  test("numbers what it asks, and sends the rest as it is told", async () => {
    const { client, sent } = onALine();
    expect([client.post("a", { x: 1 }), client.post("b", null)]).toEqual([1, 2]);
    client.send({ id: "odd" });
    client.sendFrame("{");
    expect(sent).toEqual([
      '{"id":1,"method":"a","params":{"x":1}}',
      '{"id":2,"method":"b","params":null}',
      '{"id":"odd"}',
      "{",
    ]);
  });

  test("finds answers and notices whether they are there or still to come", async () => {
    const { client, say } = onALine();
    const id = client.post("a", {});
    say(output(1, "x"));
    const late = client.answerTo(id);
    say({ id, error: { code: -32600, message: "no" } });
    expect((await late).error?.code).toBe(-32600);
    expect((await client.notice("process/output", "p")).params?.seq).toBe(1);
    expect(await client.collect(2, () => true)).toHaveLength(2);
  });

  test("puts output in the order of its numbers", () => {
    const { client, say } = onALine();
    say(output(2, "b"));
    client.receive(Buffer.from(JSON.stringify(output(1, "a"))));
    expect(client.outputOf("p")).toBe("ab");
  });

  test("keeps no answer that was waited for, and waits as long as the line is there", async () => {
    const { client, say } = onALine();
    const [first, second] = [client.ask("a", {}), client.ask("b", {})];
    say({ id: 1, result: { ok: true } });
    expect((await first)?.result).toEqual({ ok: true });
    expect(client.received).toEqual([]);
    client.end({ code: 1000, reason: "over" });
    client.end({ code: 1006, reason: "later" });
    expect([await second, await client.ask("c", {})]).toEqual([undefined, undefined]);
    expect(await client.ended).toEqual({ code: 1000, reason: "over" });
    expect(await client.closed()).toEqual({ code: 1000, reason: "over" });
    await expect(client.first(() => true)).rejects.toThrow("line closed with 1000 after 0 of 1 expected messages");
  });

  test("says what it was waiting for when nothing came in time", async () => {
    const { client } = onALine();
    await expect(client.collect(3, () => true, 0)).rejects.toThrow(WireTimeoutError);
    await expect(client.collect(3, () => true, 0)).rejects.toThrow("0 of 3 expected messages within the time allowed");
    await expect(client.closed(0)).rejects.toThrow("the line is still open");
  });

  test("looks at a condition whenever something comes", async () => {
    const { client, say } = onALine();
    let looked = 0;
    const met = client.when(() => {
      looked += 1;
      return client.received.length === 2;
    });
    say(output(1, "a"));
    say(output(2, "b"));
    await met;
    say(output(3, "c"));
    expect(looked).toBe(3);
  });
});
