import { describe, expect, test } from "vitest";
import { emitStubTypes } from "../../src/emit/stub-types.ts";
import type { MethodTableRow } from "../../src/read/method-table.ts";
import { row, settings } from "../support.ts";

function stubTypes(...rows: readonly MethodTableRow[]): string {
  return emitStubTypes(rows, { client: "Client", server: "Callbacks" }, settings);
}

describe("types of stubs", () => {
  test("group methods by the parts of their names, as many as there are", () => {
    const source = stubTypes(
      row("a/b", { errors: ["NotFound"] }),
      row("a/c", { params: null }),
      row("a/d/e/f"),
      row("g", { kind: "notice", params: null, result: null }),
    );
    expect(source).toContain(
      [
        "export interface Client {",
        "  readonly a: {",
        "    /** `a/b`, since 0.142. Refusals: NotFound. */",
        "    b(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "    /** `a/c`, since 0.142. */",
        "    c(options?: CallOptions): Promise<Received<T.Result>>;",
        "    readonly d: {",
        "      readonly e: {",
        "        /** `a/d/e/f`, since 0.142. */",
        "        f(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "      };",
        "    };",
        "  };",
        "  /** `g`, since 0.142. */",
        "  g(): void;",
      ].join("\n"),
    );
  });

  test("make a method that is the way to others a function with members", () => {
    expect(stubTypes(row("a/b"), row("a"))).toContain(
      [
        "  readonly a: {",
        "    /** `a`, since 0.142. */",
        "    (params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "    /** `a/b`, since 0.142. */",
        "    b(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "  };",
      ].join("\n"),
    );
  });

  test("hold the methods of each side apart", () => {
    const source = stubTypes(
      row("a/b"),
      row("s/t", { from: "server" }),
      row("s/u", { from: "server", kind: "notice" }),
    );
    expect(source).toContain('export interface ClientRequests {\n  "a/b": { params: T.Params; result: T.Result };\n}');
    expect(source).toContain('export interface ServerRequests {\n  "s/t": { params: T.Params; result: T.Result };\n}');
    expect(source).toContain('export interface ServerNotices {\n  "s/u": T.Params;\n}');
    const [client = "", callbacks = ""] = source.split("export interface Callbacks");
    expect(client.slice(client.indexOf("export interface Client {"))).not.toContain("s/t");
    expect(callbacks).toContain("    u(params: Sendable<T.Params>): void;");
    expect(callbacks).not.toContain("a/b");
  });

  test.each([
    ["a method in the place of `on`", ["on"], "a method that the client sends is in the place of stub.on"],
    [
      "a method that would make a promise of a stub",
      ["then"],
      "a method that the client sends is in the place of stub.then",
    ],
    ["the same place twice", ["a/b", "a/b"], "method a/b and method a/b would both be named a.b"],
    ["a name with code in it", ["a/b(){}"], 'method "a/b(){}" has no place in a stub'],
    ["a name with nothing between", ["a//b"], 'method "a//b" has no place in a stub'],
  ])("are not made for %s", (_, methods, message) => {
    expect(() => stubTypes(...methods.map((method) => row(method)))).toThrow(message);
  });
});
