import { decodeFrame, encodeFrame } from "@holdfast/relay-protocol";
import { describe, expect, test } from "vitest";
import { UsageError } from "../src/options.ts";
import { ledOver } from "../src/relay/front.ts";
import { type FuzzCase, randomCase } from "../src/relay/fuzz/case.ts";
import { expectedDifference } from "../src/relay/fuzz/expected-differences.ts";
import { changedFrame } from "../src/relay/fuzz/frame-change.ts";
import { laid, prefixed, request, saidWith } from "../src/relay/fuzz/messages.ts";
import { parseRelayFuzzOptions } from "../src/relay/fuzz/options.ts";
import { bytes, encodeRaw, rawData, rawFrame, text, varint } from "../src/relay/fuzz/wire-fields.ts";
import { nameOfJoin, planJoins } from "../src/relay/joins.ts";
import { flawIn } from "../src/relay/marked-command.ts";
import { parseRelayOptions } from "../src/relay/options.ts";
import { seededRandom } from "../src/soak/random.ts";

describe("the joins", () => {
  test("are ours with ours, and each release with ours on either side and with itself", () => {
    const release = { version: "0.171.0", program: "codex" };
    expect(planJoins([release]).map(nameOfJoin)).toEqual([
      "holdfast -> holdfast",
      "holdfast -> codex 0.171.0",
      "codex 0.171.0 -> holdfast",
      "codex 0.171.0 -> codex 0.171.0",
    ]);
  });

  test("are of three releases, and of the newest where little time is", () => {
    expect(parseRelayOptions([]).releases).toEqual(["0.144.6", "0.169.0", "0.171.0"]);
    expect(parseRelayOptions(["--short"]).releases).toEqual(["0.171.0"]);
    expect(parseRelayOptions(["--release", "0.150.1", "--release", "0.160.1"]).releases).toEqual([
      "0.150.1",
      "0.160.1",
    ]);
    expect(() => parseRelayOptions(["--often"])).toThrow(UsageError);
  });

  test("lead the socket of an answer over a line of its own, and change nothing else", () => {
    const answer = { url: "ws://127.0.0.1:1/socket?role=harness&signature=a%2Bb", environment_id: "e" };
    expect(JSON.parse(ledOver("127.0.0.1:2", JSON.stringify(answer)))).toEqual({
      ...answer,
      url: "ws://127.0.0.1:2/socket?role=harness&signature=a%2Bb",
    });
    for (const other of ["", "not found", '{"valid":true}', '{"url":1}']) expect(ledOver("h:2", other)).toBe(other);
  });

  test("miss a line that is lost, doubled or out of order, and another exit code", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `mark-${index + 1}-`);
    expect(flawIn(lines.join("\n"), 4)).toBeUndefined();
    expect(flawIn(lines.toSpliced(30, 1).join("\n"), 4)).toContain("other output");
    expect(flawIn(lines.toSpliced(30, 0, "mark-30-").join("\n"), 4)).toContain("other output");
    expect(flawIn(lines.toReversed().join("\n"), 4)).toContain("other output");
    expect(flawIn(lines.join("\n"), 0)).toContain("exit code 0");
    expect(flawIn(lines.join("\n"), undefined)).toContain("exit code");
  });
});

describe("what is sent to both executors", () => {
  test("depends on its seed alone", () => {
    const cases = (seed: number): FuzzCase[] =>
      Array.from({ length: 200 }, (_, index) => randomCase(seededRandom(seed + index)));
    expect(cases(7)).toEqual(cases(7));
    expect(cases(7)).not.toEqual(cases(1_007));
    expect(new Set(cases(7).map(({ stage }) => stage)).size).toBe(3);
  });

  test("is a right frame before it is changed", () => {
    const payload = Uint8Array.from([1, 2, 3]);
    expect(decodeFrame(encodeRaw(rawData("s", 300, payload)))).toEqual(
      decodeFrame(encodeFrame({ streamId: "s", body: { kind: "data", sequence: 300, payload } })),
    );
    const handshake = rawFrame("s", "handshake", [bytes(1, payload)]);
    expect(decodeFrame(encodeRaw(handshake)).body).toEqual({ kind: "handshake", payload: Buffer.from(payload) });
    expect(changedFrame(handshake, undefined)).toEqual(encodeRaw(handshake));
    expect(decodeFrame(encodeRaw(rawFrame("s", "reset", [text(1, "over")]))).body).toMatchObject({ reason: "over" });
  });

  test("has every change of a frame in it, and none of them throws", () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 2_000; seed += 1) {
      const { frame } = randomCase(seededRandom(seed)) as { readonly frame?: Parameters<typeof changedFrame>[1] };
      if (frame === undefined) continue;
      kinds.add(frame.kind);
      expect(changedFrame(rawData("s-1", 5, Buffer.alloc(60)), frame)).toBeDefined();
    }
    expect([...kinds].sort()).toEqual(
      ["as text", "cut", "field", "flip", "insert", "more", "reverse", "second body", "split body"].sort(),
    );
  });

  test("numbers may take more bytes than they need", () => {
    expect([...varint(1)]).toEqual([1]);
    expect([...varint(300)]).toEqual([0xac, 0x02]);
    expect([...varint(1, 2)]).toEqual([0x81, 0x80, 0x00]);
    expect(varint(2n ** 64n - 1n)).toHaveLength(10);
  });

  test("is the same messages, however they are laid into records", () => {
    const messages = [prefixed(request(1)), prefixed(saidWith("spaces", 2))];
    const whole = Buffer.concat(messages);
    for (const layout of ["one each", "all in one", "byte by byte", "halves", "empty between"] as const) {
      expect(Buffer.concat(laid(messages, layout))).toEqual(whole);
    }
    const [longest, ...more] = laid(messages, "longest");
    expect([longest?.length, more]).toEqual([61_440, []]);
  });

  test("is expected to be taken otherwise for a reason alone", () => {
    const tried = (padding: number): FuzzCase => ({
      stage: "body",
      kind: "ack",
      seed: 1,
      frame: { kind: "field", level: "outer", index: 0, change: { kind: "pad", bytes: padding } },
    });
    expect(expectedDifference(tried(4))).toBeUndefined();
    expect(expectedDifference(tried(5))).toContain("tag");
  });

  test("is 5,000 cases where nothing is said, and always the same few where little time is", () => {
    expect(parseRelayFuzzOptions([])).toMatchObject({ cases: 5_000, release: "0.171.0", other: undefined });
    expect(parseRelayFuzzOptions(["--short"])).toMatchObject({ cases: 300, seed: 1 });
    expect(() => parseRelayFuzzOptions(["--cases", "0"])).toThrow(UsageError);
  });
});
