import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownFolder } from "../owned.ts";

const FOLDERS = 20;
const FILES = 25;

/** A temporary folder with a small tree, and a web server on loopback that answers everything. */
export async function newGround(): Promise<{ readonly folder: string; readonly origin: string } & AsyncDisposable> {
  const owned = ownFolder(realpathSync(mkdtempSync(join(tmpdir(), "holdfast-cost-"))));
  const folder = owned.path;
  for (let directory = 0; directory < FOLDERS; directory += 1) {
    mkdirSync(join(folder, `tree/d${directory}`), { recursive: true });
    for (let file = 0; file < FILES; file += 1) writeFileSync(join(folder, `tree/d${directory}/f${file}.env`), "x");
  }
  writeFileSync(join(folder, "file"), "x".repeat(1_048_576));
  symlinkSync("tree", join(folder, "link"));
  const server = createServer((request, response) => {
    request.resume();
    response.end("answer");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    folder,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await owned[Symbol.asyncDispose]();
    },
  };
}
