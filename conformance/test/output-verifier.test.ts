import type { ProcessEvent } from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";
import { OutputVerifier } from "../src/soak/output-verifier.ts";

const KNOWN = { expected: new Map([["stdout", Buffer.from("one two three")]] as const), exitCode: 3 };

function output(seq: number, text: string, stream: "stdout" | "stderr" = "stdout"): ProcessEvent {
  return {
    type: "output",
    seq,
    stream,
    data: Buffer.from(text),
  };
}
function exited(seq: number, exitCode = 3): ProcessEvent {
  return { type: "exited", seq, exitCode, sandboxDenied: false };
}
function closed(seq: number): ProcessEvent {
  return { type: "closed", seq };
}

function verifierOf(events: readonly ProcessEvent[]): OutputVerifier {
  const verifier = new OutputVerifier(KNOWN);
  for (const event of events) verifier.accept(event);
  return verifier;
}
function problemsOf(...events: readonly ProcessEvent[]): string {
  return verifierOf(events).complete().join("; ");
}

describe("a process that ended", () => {
  test("is right when every byte, the exit and the order are, however the output is cut", () => {
    expect(problemsOf(output(1, "one two three"), exited(2), closed(3))).toBe("");
    expect(problemsOf(output(1, "one "), exited(2), output(3, "two three"), closed(4))).toBe("");
  });

  test("is wrong by one lost byte, though every event came", () => {
    const problems = problemsOf(output(1, "one "), output(2, "wo three"), exited(3), closed(4));
    expect(problems).toBe("stdout differs from byte 4 on, 12 bytes instead of 13");
  });

  test("is wrong by one doubled byte", () => {
    const problems = problemsOf(output(1, "one "), output(2, "ttwo three"), exited(3), closed(4));
    expect(problems).toBe("stdout differs from byte 5 on, 14 bytes instead of 13");
  });

  test("is wrong by one changed byte", () => {
    const problems = problemsOf(output(1, "one tWo three"), exited(2), closed(3));
    expect(problems).toBe("stdout differs from byte 5 on, 13 bytes instead of 13");
  });

  test("is wrong by two pieces that changed places", () => {
    const problems = problemsOf(output(1, "two three"), output(2, "one "), exited(3), closed(4));
    expect(problems).toBe("stdout differs from byte 0 on, 13 bytes instead of 13");
  });

  test("is wrong by output on the other stream", () => {
    const problems = problemsOf(output(1, "one two three", "stderr"), exited(2), closed(3));
    expect(problems).toContain("stdout differs from byte 0 on, 0 bytes instead of 13");
    expect(problems).toContain("stderr differs from byte 0 on, 13 bytes instead of 0");
  });

  test.each([
    ["skipped", [output(1, "one two three"), exited(3), closed(4)], "event 3 came after event 1"],
    ["repeated", [output(1, "one two three"), exited(2), closed(2)], "event 2 came after event 2"],
    ["out of order", [exited(2), output(1, "one two three"), closed(3)], "event 1 came after event 2"],
  ] as const)("is wrong by a number that is %s", (_, events, problem) => {
    expect(problemsOf(...events)).toContain(problem);
  });

  test("is wrong by another exit code, two exits or none", () => {
    expect(problemsOf(output(1, "one two three"), exited(2, 4), closed(3))).toBe("it exited with 4 instead of 3");
    expect(problemsOf(output(1, "one two three"), exited(2), exited(3), closed(4))).toBe("it exited twice");
    expect(problemsOf(output(1, "one two three"), closed(2))).toBe("it has no exit");
  });

  test("is wrong without a close, and by what follows it", () => {
    expect(problemsOf(output(1, "one two three"), exited(2))).toBe("its events ended without a close");
    expect(problemsOf(output(1, "one two three"), closed(2), exited(3))).toBe("exited came after the close");
  });
});

describe("a process whose events broke off", () => {
  test("is right as far as it went when that is the beginning of the known output", () => {
    expect(verifierOf([output(1, "one "), output(2, "two")]).brokenOff()).toEqual([]);
    expect(verifierOf([]).brokenOff()).toEqual([]);
  });

  test("is wrong when something is missing before the end of what there is", () => {
    const problems = verifierOf([output(1, "one "), output(2, "three")]).brokenOff();
    expect(problems).toEqual(["stdout differs from byte 5 on, 9 bytes instead of 9"]);
  });

  test("is wrong by more output than is known", () => {
    expect(verifierOf([output(1, "one two three four")]).brokenOff()).toHaveLength(1);
  });
});
