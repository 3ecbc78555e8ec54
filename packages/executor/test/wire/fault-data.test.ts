import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

let folder: string;
let line: Line;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-faults-"));
  mkdirSync(join(folder, "full"));
  writeFileSync(join(folder, "full", "file"), "");
  line = await Line.ready();
});
afterAll(async () => {
  await line.executor.close();
  rmSync(folder, { recursive: true, force: true });
});

function uri(name: string): string {
  return pathToFileURL(join(folder, name)).href;
}

async function dataOf(method: string, params: object): Promise<unknown> {
  return await line.call(method, params).then(
    () => "not refused",
    (error: { readonly data: unknown }) => error.data,
  );
}

describe("a refused file operation tells programs the system's error and the paths of the request:", () => {
  test.each<[string, string, () => object, () => object]>([
    ["fs/readFile", "ENOENT", () => ({ path: uri("none") }), () => ({ syscall: "stat", path: uri("none") })],
    ["fs/getMetadata", "ENOENT", () => ({ path: uri("none") }), () => ({ path: uri("none") })],
    ["fs/readDirectory", "ENOTDIR", () => ({ path: uri("full/file") }), () => ({ path: uri("full/file") })],
    ["fs/readFile", "EISDIR", () => ({ path: uri("full") }), () => ({ path: uri("full") })],
    ["fs/open", "EISDIR", () => ({ path: uri("full"), handleId: "h" }), () => ({ path: uri("full") })],
    ["fs/readFile", "EISDIR", () => ({ path: uri("full"), followSymlinks: false }), () => ({ path: uri("full") })],
    ["fs/writeFile", "EISDIR", () => ({ path: uri("full"), dataBase64: base64("x") }), () => ({ path: uri("full") })],
    [
      "fs/createDirectory",
      "EEXIST",
      () => ({ path: uri("full"), recursive: false }),
      () => ({ syscall: "mkdir", path: uri("full") }),
    ],
    [
      "fs/remove",
      "ENOTEMPTY",
      () => ({ path: uri("full"), recursive: false, force: false }),
      () => ({ syscall: "rmdir", path: uri("full") }),
    ],
    [
      "fs/copy",
      "ENOENT",
      () => ({ sourcePath: uri("none"), destinationPath: uri("new"), recursive: false }),
      () => ({ path: uri("none"), destination: uri("new") }),
    ],
    ["fs/open", "ENOENT", () => ({ path: uri("none"), handleId: "h" }), () => ({ path: uri("none") })],
  ])("%s, %s", async (method, code, params, more) => {
    expect(await dataOf(method, params())).toMatchObject({ holdfast: { code, ...more() } });
  });

  test("a rule of the executor has no code, but the path", async () => {
    const data = await dataOf("fs/copy", { sourcePath: uri("full"), destinationPath: uri("new"), recursive: false });
    expect(data).toEqual({ holdfast: { path: uri("full"), destination: uri("new") } });
  });
});

test("a refused HTTP request tells programs the system's error", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  const request = { requestId: "r", method: "GET", url: `http://127.0.0.1:${port}/`, headers: [] };
  expect(await dataOf("http/request", request)).toEqual({ holdfast: { code: "ECONNREFUSED", syscall: "connect" } });
});
