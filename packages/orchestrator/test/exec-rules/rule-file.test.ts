import { describe, expect, test } from "vitest";
import { allowingLine, readRules } from "../../src/exec-rules/rule-file.ts";

describe("a file of rules", () => {
  test("is read as Codex writes it, and people do", () => {
    const text = `# What I allow
prefix_rule(pattern=["touch", "/srv/ga ps\\"q"], decision="allow")
network_rule(host = "example.test", decision = "allow")
prefix_rule(
    pattern = ["git", ["push", 'fetch']],   # either
    decision = "prompt",
    justification = "ask first",
    match = [["git", "push"], "git fetch"],
)
prefix_rule(pattern=['rm'], decision='forbidden')
prefix_rule(pattern=["ls"])
`;
    expect(readRules(text)).toEqual([
      { pattern: [["touch"], ['/srv/ga ps"q']], decision: "allow", justification: undefined },
      { pattern: [["git"], ["push", "fetch"]], decision: "prompt", justification: "ask first" },
      { pattern: [["rm"]], decision: "forbidden", justification: undefined },
      { pattern: [["ls"]], decision: "allow", justification: undefined },
    ]);
    expect(readRules("")).toEqual([]);
  });

  test("gives back what was written to it", () => {
    const prefix = ["a b", 'c"d', "e\\f", "g'h", "ü\n", "\\'"];
    expect(readRules(allowingLine(prefix))).toEqual([
      { pattern: prefix.map((word) => [word]), decision: "allow", justification: undefined },
    ]);
  });

  test.each([
    ['prefix_rule(pattern=["a"]', "line 1: expected `,` or `)`"],
    ["\nx = 1", "line 2: expected `(`"],
    ['prefix_rule(pattern=[], decision="allow")', "line 1: a rule must have a pattern"],
    ['prefix_rule(pattern=["a"], decision="maybe")', "line 1: a decision must be one of allow, prompt, forbidden"],
    ["prefix_rule(pattern=[1])", "line 1: a pattern must have texts, or lists of texts"],
    ['prefix_rule(pattern=["a" + "b"])', "line 1: it is not understood"],
    ['prefix_rule(pattern=["a\\x"])', "line 1: a text has an escape that is not known"],
    [`prefix_rule(pattern=${"[".repeat(20)}`, "line 1: expected a text or a list"],
  ])("is refused as a whole where it is not understood: %s", (text, problem) => {
    expect(() => readRules(text)).toThrow(problem);
  });
});
