import { describe, expect, test } from "vitest";
import { assembleBpf, type BpfStep } from "../../src/seccomp/bpf-assembler.ts";
import { runBpf } from "./bpf-interpreter.ts";

const allow: BpfStep = { kind: "return", value: 7 };

describe("the assembler", () => {
  test("writes code, offsets and operand as little-endian sock_filter records", () => {
    const bytes = assembleBpf([
      { kind: "load", offset: 4 },
      { kind: "jump", test: "equals", value: 0xc000003e, ifTrue: "yes", ifFalse: "no" },
      { kind: "label", name: "yes" },
      { kind: "return", value: 0x7fff0000 },
      { kind: "label", name: "no" },
      { kind: "return", value: 0x80000000 },
    ]);
    expect(Buffer.from(bytes).toString("hex")).toBe(
      ["2000000004000000", "150000013e0000c0", "060000000000ff7f", "0600000000000080"].join(""),
    );
  });

  test.each([
    ["equals", 5, 5, "then"],
    ["equals", 5, 4, "otherwise"],
    ["atLeast", 5, 5, "then"],
    ["atLeast", 5, 6, "then"],
    ["atLeast", 5, 4, "otherwise"],
    ["atLeast", 0x80000000, 0xffffffff, "then"],
  ] as const)("a jump that tests %s %i takes for %i the branch %s", (kind, value, number, branch) => {
    const bytes = assembleBpf([
      { kind: "load", offset: 0 },
      { kind: "jump", test: kind, value, ifTrue: "then", ifFalse: "otherwise" },
      { kind: "label", name: "then" },
      { kind: "return", value: 1 },
      { kind: "label", name: "otherwise" },
      { kind: "return", value: 2 },
    ]);
    expect(runBpf(bytes, { number, arch: 0 })).toBe(branch === "then" ? 1 : 2);
  });

  test("a mask leaves the bits it names", () => {
    const bytes = assembleBpf([
      { kind: "load", offset: 0 },
      { kind: "and", mask: 0xf },
      { kind: "jump", test: "equals", value: 2, ifFalse: "no" },
      allow,
      { kind: "label", name: "no" },
      { kind: "return", value: 0 },
    ]);
    expect(runBpf(bytes, { number: 0x80802, arch: 0 })).toBe(7);
    expect(runBpf(bytes, { number: 0x80803, arch: 0 })).toBe(0);
  });

  test("a branch reaches over 255 instructions and refuses one more", () => {
    const filler = (count: number): BpfStep[] => Array.from({ length: count }, () => ({ kind: "load", offset: 0 }));
    const across = (count: number): BpfStep[] => [
      { kind: "jump", test: "equals", value: 0, ifTrue: "far" },
      ...filler(count),
      { kind: "label", name: "far" },
      allow,
    ];
    expect(runBpf(assembleBpf(across(255)), { number: 0, arch: 0 })).toBe(7);
    expect(() => assembleBpf(across(256))).toThrow("label far is 256 instructions away, at most 255");
  });

  test.each<[string, BpfStep[], string]>([
    ["nothing", [], "a BPF program has to end with a return"],
    ["no return at the end", [allow, { kind: "load", offset: 0 }], "a BPF program has to end with a return"],
    ["a label nobody wrote", [{ kind: "jump", test: "equals", value: 1, ifTrue: "x" }, allow], "there is no label x"],
    [
      "a label behind the jump",
      [{ kind: "label", name: "x" }, { kind: "jump", test: "equals", value: 1, ifTrue: "x" }, allow],
      "label x lies behind the jump to it",
    ],
    [
      "a label after the last line",
      [
        { kind: "jump", test: "equals", value: 1, ifTrue: "x" },
        { kind: "label", name: "x" },
      ],
      "a BPF program has to end with a return",
    ],
    [
      "a label that is there twice",
      [{ kind: "label", name: "x" }, { kind: "label", name: "x" }, allow],
      "label x is there twice",
    ],
    ["a negative operand", [{ kind: "return", value: -1 }], "-1 is no unsigned 32-bit number"],
    ["too large an operand", [{ kind: "return", value: 2 ** 32 }], "4294967296 is no unsigned 32-bit number"],
    ["a fraction", [{ kind: "return", value: 0.5 }], "0.5 is no unsigned 32-bit number"],
    ["too many lines", Array.from({ length: 4097 }, () => allow), "at most 4096 instructions, not 4097"],
  ])("refuses %s", (_what, steps, message) => {
    expect(() => assembleBpf(steps)).toThrow(message);
  });
});
