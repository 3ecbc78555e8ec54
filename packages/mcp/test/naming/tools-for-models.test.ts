import { describe, expect, test } from "vitest";
import { toolsForModels } from "../../src/naming/tools-for-models.ts";

describe("tools for models", () => {
  test("have names for models, what their server says, and their own; those of apps are left out", () => {
    const tools = [
      {
        serverName: "my-srv",
        tool: { name: "a.b", _meta: { connector_id: "x", kept: 1 } },
        instructions: "For letters.",
      },
      {
        serverName: "my-srv",
        tool: { name: "hidden", _meta: { ui: { visibility: ["app"] } } },
        instructions: "For letters.",
      },
      { serverName: "other", tool: { name: "c" } },
    ];
    expect(toolsForModels(tools)).toEqual([
      {
        namespace: "mcp__my_srv",
        name: "a_b",
        namespaceDescription: "For letters.",
        tool: { name: "a.b", _meta: { kept: 1 } },
        source: tools[0],
      },
      {
        namespace: "mcp__other",
        name: "c",
        namespaceDescription: "Tools in the mcp__other namespace.",
        tool: { name: "c" },
        source: tools[2],
      },
    ]);
  });
});
