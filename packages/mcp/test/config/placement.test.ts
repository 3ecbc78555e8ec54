import { describe, expect, test } from "vitest";
import { mcpServer } from "../../src/config/define-server.ts";
import { placementProblem } from "../../src/config/placement.ts";

const NONE = { has: () => false };
const FAR = { has: (id: string) => id === "far" };
const LOCAL = { has: (id: string) => id === "local" };

describe("where a server is placed", () => {
  test.each([
    [mcpServer("S", { command: "a" }), NONE, "local stdio MCP server `S` requires a local environment"],
    [mcpServer("S", { command: "a" }), LOCAL, undefined],
    [
      mcpServer("a b", { url: "http://h" }),
      NONE,
      "Invalid MCP server name 'a b': must match pattern ^[a-zA-Z0-9_:@/.-]+$",
    ],
    [mcpServer("S", { url: "http://h" }), NONE, undefined],
    [
      mcpServer("S", { url: "http://h", environmentId: "far" }),
      NONE,
      "MCP server `S` references unknown environment id `far`",
    ],
    [mcpServer("S", { url: "http://h", environmentId: "far" }), FAR, undefined],
    [
      mcpServer("S", { command: "a", environmentId: "far" }),
      LOCAL,
      "MCP server `S` references unknown environment id `far`",
    ],
    [mcpServer("S", { command: "a", environmentId: "far" }), FAR, "executor stdio server requires an explicit cwd"],
    [mcpServer("S", { command: "a", environmentId: "far", cwd: "/srv" }), FAR, undefined],
  ])("is judged before anything starts", (server, environments, problem) => {
    expect(placementProblem(server, environments)).toBe(problem);
  });
});
