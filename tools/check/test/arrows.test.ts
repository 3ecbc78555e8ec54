import { describe, expect, test } from "vitest";
import { arrows } from "../src/rules/arrows.ts";
import { parseSource } from "../src/source-file.ts";
import type { WorkspacePackage } from "../src/workspace.ts";

function pack(name: string, folder: string, text: string): WorkspacePackage {
  return {
    name,
    folder,
    manifest: { name },
    sources: [parseSource(`${folder}/src/a.ts`, text)],
  };
}

describe("arrows", () => {
  test("lets a package import lower levels", () => {
    expect(arrows([pack("@holdfast/executor", "packages/executor", 'import { x } from "@holdfast/rpc";')])).toEqual([]);
  });

  test("refuses an import of the same level", () => {
    const text = 'import { x } from "@holdfast/path-uri";';
    expect(arrows([pack("@holdfast/protocol-kit", "packages/protocol-kit", text)])).toEqual([
      "packages/protocol-kit/src/a.ts: @holdfast/protocol-kit must not import @holdfast/path-uri: arrows point down",
    ]);
  });

  test("lets calls stand on the ground of the protocols, and keeps paths out of them", () => {
    const rpc = (text: string) => arrows([pack("@holdfast/rpc", "packages/rpc", text)]);
    expect(rpc('import type { LinkV1 } from "@holdfast/protocol-kit";')).toEqual([]);
    expect(rpc('import { x } from "@holdfast/path-uri";')).toEqual([
      "packages/rpc/src/a.ts: @holdfast/rpc must not import @holdfast/path-uri: calls carry what they carry; they know no paths",
    ]);
  });

  test("refuses protocols that import the runtime, also by a subpath and for types only", () => {
    const text = 'import type { Peer } from "@holdfast/rpc/testing";';
    expect(arrows([pack("@holdfast/exec-server-protocol", "packages/exec-server-protocol", text)])).toHaveLength(1);
  });

  test("refuses test helpers in published sources", () => {
    expect(arrows([pack("@holdfast/executor", "packages/executor", 'export * from "@holdfast/testkit"')])).toHaveLength(
      1,
    );
  });

  test("asks for a level for every package", () => {
    expect(arrows([pack("@holdfast/new", "packages/new", "")])[0]).toContain("has no level");
  });
});
