import { describe, expect, test } from "vitest";
import { catalog } from "../src/rules/catalog.ts";
import { dangerousModules } from "../src/rules/dangerous-modules.ts";
import { declaredImports } from "../src/rules/declared-imports.ts";
import { environmentReaders } from "../src/rules/environment-readers.ts";
import { terminalWrites } from "../src/rules/terminal-writes.ts";
import { type Manifest, packageOf } from "../src/workspace.ts";
import { pack as packOf } from "./pack.ts";

const pack = (folder: string, file: string, text: string, manifest: Partial<Manifest> = {}) =>
  packOf(folder, { [file]: text }, manifest);

describe("the rules of the repository", () => {
  test("keep programs from being started anywhere but in the spawners", () => {
    expect(
      dangerousModules([
        pack("packages/executor", "filesystem/copy.ts", 'import { spawn } from "node:child_process";'),
      ]),
    ).toHaveLength(1);
    expect(
      dangerousModules([pack("packages/executor", "process/launch.ts", 'import { spawn } from "node:child_process";')]),
    ).toEqual([]);
  });

  test.each(["node:https", "node:http2", "node:tls", "node:dgram", "node:worker_threads", "undici", "ws"])(
    "keep %s where sockets and threads are made",
    (name) => {
      expect(dangerousModules([pack("packages/executor", "filesystem/copy.ts", `import "${name}";`)])).toHaveLength(1);
    },
  );

  test("let the places that are named use them", () => {
    expect(
      dangerousModules([
        pack("packages/executor", "http/undici-module.ts", 'type U = typeof import("undici"); await import("undici");'),
        pack("packages/executor", "platform/job-thread.ts", 'import { Worker } from "node:worker_threads";'),
        pack("packages/rpc", "websocket/listen.ts", 'import { WebSocketServer } from "ws";'),
      ]),
    ).toEqual([]);
  });

  test("keep versions in the catalog", () => {
    expect(catalog([pack("packages/a", "a.ts", "", { dependencies: { ws: "^8.0.0" } })])).toHaveLength(1);
    expect(
      catalog([pack("packages/a", "a.ts", "", { dependencies: { ws: "catalog:", "@holdfast/rpc": "workspace:*" } })]),
    ).toEqual([]);
  });

  test("find imports that no manifest declares", () => {
    expect(declaredImports([pack("packages/a", "a.ts", 'import "zod"; import "node:fs"; import "./b.ts";')])).toEqual([
      "packages/a/src/a.ts: zod is no dependency of @holdfast/a",
    ]);
  });

  test("let a bundle import what is bundled, which an install would not find", () => {
    const text = 'import "@holdfast/rpc";';
    for (const name of ["holdfast", "@holdfast/relay-protocol"]) {
      const named = (manifest: Partial<Manifest>) => [{ ...pack("packages/a", "a.ts", text, manifest), name }];
      expect(declaredImports(named({ devDependencies: { "@holdfast/rpc": "workspace:*" } }))).toEqual([]);
      expect(declaredImports(named({ dependencies: { "@holdfast/rpc": "workspace:*" } }))).toHaveLength(1);
    }
  });

  test("find readers of the environment outside the command line", () => {
    expect(environmentReaders([pack("packages/executor", "a.ts", "const home = process.env.HOME;")])).toHaveLength(1);
    expect(environmentReaders([pack("packages/cli", "a.ts", "const home = process.env.HOME;")])).toEqual([]);
  });

  test("find texts that reach a terminal as they came", () => {
    const breaches = (text: string, file = "a.ts", folder = "packages/cli") =>
      terminalWrites([pack(folder, file, text)]);
    expect(breaches(`context.stderr.write(\`holdfast: \${error.message}\`);`)).toHaveLength(1);
    expect(breaches("stdout.write(\n  text,\n);")).toHaveLength(1);
    expect(breaches("context.stderr.write(printableLines(text)); process.stdout.write(`plain`, done);")).toEqual([]);
    expect(breaches('stderr.write(\n  "a plain text; with (all) of it",\n);')).toEqual([]);
    expect(breaches("this.stdout.write(data);", "exec/outlet.ts")).toEqual([]);
    expect(breaches("stdout.write(text);", "a.ts", "packages/rpc")).toEqual([]);
  });
});

describe("packageOf", () => {
  test("drops subpaths", () => {
    expect([packageOf("@a/b/c"), packageOf("a/b"), packageOf("a")]).toEqual(["@a/b", "a", "a"]);
  });
});
