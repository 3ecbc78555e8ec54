import { expect, test } from "vitest";
import { packageEntries } from "../src/rules/package-entries.ts";
import { parseSource } from "../src/source-file.ts";
import type { WorkspacePackage } from "../src/workspace.ts";

const FILE = { types: "./dist/a.d.ts", default: "./dist/a.js" };

function pack(name: string, text: string): WorkspacePackage {
  const folder = `packages/${name}`;
  return {
    name: `@holdfast/${name}`,
    folder,
    manifest: { name: `@holdfast/${name}`, exports: { ".": FILE, "./zod": FILE } },
    sources: [parseSource(`${folder}/src/types/a.ts`, text)],
  };
}

function breaches(text: string): readonly string[] {
  return packageEntries([pack("app-server-protocol", text), pack("protocol-kit", "")]);
}

test("a package is imported by what it exports, and reads its own files as it likes", () => {
  const text =
    'import { x } from "@holdfast/protocol-kit"; import "@holdfast/protocol-kit/zod"; import "../../b.ts"; import "zod";';
  expect(breaches(text)).toEqual([]);
});

test("a protocol that reaches into another's inside is told where", () => {
  expect(breaches('import type { Node } from "@holdfast/protocol-kit/src/methods/create-stub.ts";')).toEqual([
    "packages/app-server-protocol/src/types/a.ts: @holdfast/protocol-kit/src/methods/create-stub.ts is no entry of " +
      "@holdfast/protocol-kit; its package.json exports ., ./zod",
  ]);
  expect(breaches('export * from "../../../exec-server-protocol/src/methods.ts";')).toEqual([
    "packages/app-server-protocol/src/types/a.ts: ../../../exec-server-protocol/src/methods.ts leads out of " +
      "packages/app-server-protocol; import the package by its name",
  ]);
});
