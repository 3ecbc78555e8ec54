import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import { createExecServerCodec, MESSAGE_MAX_BYTES, MESSAGE_MAX_JSON_VALUES } from "@holdfast/exec-server-protocol";
import { pathUriFromNative } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { checkSendable } from "../../src/process/sendable.ts";

const HALF = "\ud83d";

function params(members: Partial<ProcessStartParams>): ProcessStartParams {
  return {
    processId: "p",
    argv: ["true"],
    cwd: pathUriFromNative("/", "posix"),
    env: {},
    tty: false,
    pipeStdin: false,
    arg0: null,
    ...members,
  };
}

function many(count: number): string[] {
  return Array.from({ length: count }, () => "");
}

function nested(levels: number): object {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}

function circular(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

describe("what no executor could read is refused with the name of the argument", () => {
  test.each([
    ["argv", { argv: ["echo", `x${HALF}`] }, "argv[1]"],
    ["env", { env: { A: HALF } }, "env.A"],
    ["env", { env: { [HALF]: "" } }, "a name in env"],
    ["processId", { processId: HALF }, "processId"],
    ["arg0", { arg0: HALF }, "arg0"],
    ["metadata", { metadata: { toolCallId: HALF } }, "metadata.toolCallId"],
    ["argv", { argv: ["a\0b"] }, "NUL"],
    ["env", { env: { A: "\0" } }, "NUL"],
    ["argv", { argv: many(MESSAGE_MAX_JSON_VALUES) }, "too many entries"],
    [
      "env",
      { env: Object.fromEntries(many(MESSAGE_MAX_JSON_VALUES).map((_, index) => [index, ""])) },
      "too many entries",
    ],
    ["argv", { argv: ["x".repeat(MESSAGE_MAX_BYTES)] }, "too long"],
    ["metadata", { metadata: nested(126) }, "nested too deeply: a message holds 127 levels"],
    ["metadata", { metadata: circular() }, "nested too deeply"],
    ["env", { env: { A: "\u0001".repeat(MESSAGE_MAX_BYTES / 6) } }, "too long"],
  ] as const)("%s %#", (argument, members, words) => {
    const refused = () => checkSendable(params(members as Partial<ProcessStartParams>));
    expect(refused).toThrow(words);
    expect(refused).toThrow(expect.objectContaining({ name: "InvalidArgumentError", argument }));
  });

  test.each([
    { argv: ["echo", "🚀é\u0000".slice(0, 3)] },
    { argv: many(MESSAGE_MAX_JSON_VALUES - 64 - 20) },
    { argv: ["x".repeat(MESSAGE_MAX_BYTES - 8_192)] },
    { metadata: nested(125) },
    { env: { A: "é".repeat(1_000_000) } },
  ])("and what it can read is not: %#", (members) => {
    const whole = params(members);
    checkSendable(whole);
    const codec = createExecServerCodec();
    const frame = codec.encodeCall({ id: 1, method: "process/start", params: whole });
    expect(Buffer.byteLength(String(frame))).toBeLessThanOrEqual(MESSAGE_MAX_BYTES);
    expect(codec.decode(frame)).toMatchObject({ kind: "call", method: "process/start" });
  });
});
