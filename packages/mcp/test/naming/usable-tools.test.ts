import { describe, expect, test } from "vitest";
import { disabledToolProblem, isForModels, withoutConnectorMeta } from "../../src/naming/usable-tools.ts";

describe("a tool", () => {
  test.each([
    [undefined, [], "t", true],
    [["t"], [], "t", true],
    [["u"], [], "t", false],
    [[], [], "t", false],
    [undefined, ["t"], "t", false],
    [["t"], ["t"], "t", false],
    [undefined, ["T"], "t", true],
  ])("with %j enabled and %j disabled: %s may be used is %s", (enabledTools, disabledTools, tool, may) => {
    const problem = disabledToolProblem({ name: "S", enabledTools, disabledTools }, tool);
    expect(problem).toBe(may ? undefined : `tool 't' is disabled for MCP server 'S'`);
  });

  test.each([
    [undefined, true],
    [{}, true],
    [{ ui: {} }, true],
    [{ ui: { visibility: ["model", "app"] } }, true],
    [{ ui: { visibility: ["app"] } }, false],
    [{ ui: { visibility: [] } }, false],
    [{ ui: { visibility: "app" } }, true],
    [{ ui: null }, true],
  ])("with _meta %j is for models: %s", (_meta, is) => {
    expect(isForModels({ _meta })).toBe(is);
  });

  test("of an ordinary server has no say in connectors", () => {
    const _meta = { connector_id: "a", connectorDescription: "b", other: "c" };
    expect(withoutConnectorMeta({ name: "t", _meta })).toEqual({ name: "t", _meta: { other: "c" } });
    const plain = { name: "t", _meta: { other: "c" } };
    expect(withoutConnectorMeta(plain)).toBe(plain);
  });
});
