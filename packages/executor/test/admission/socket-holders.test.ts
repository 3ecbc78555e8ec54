import { fstatSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { describe, expect, test } from "vitest";
import { findHolder } from "../../src/admission/socket-holders.ts";

const MANY = 60;

async function listening(): Promise<{ readonly server: Server; readonly inode: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  return { server, inode: fstatSync(handle.fd).ino };
}

describe.skipIf(process.platform !== "linux")("looking for whose a socket is", () => {
  test("gives everybody an answer who asks at once, also twice for one socket and for one that nobody has", async () => {
    const uid = process.geteuid?.() ?? 0;
    const sockets = await Promise.all(Array.from({ length: MANY }, listening));
    const inodes = [...sockets, ...sockets.slice(0, 2)].map(({ inode }) => inode);
    const ask = (inode: number) => findHolder({ inode, uid, effort: "all" });
    const [none, ...holders] = await Promise.all([ask(0), ...inodes.map(ask)]);
    expect(holders).toEqual(inodes.map(() => ({ kind: "self" })));
    expect(none).toMatchObject({ kind: "hidden" });
    for (const { server } of sockets) server.close();
  });

  test("is done again for who asks while it is being done", async () => {
    const uid = process.geteuid?.() ?? 0;
    const first = findHolder({ inode: 0, uid, effort: "all" });
    const { server, inode } = await listening();
    expect(await findHolder({ inode, uid, effort: "all" })).toEqual({ kind: "self" });
    expect(await first).toMatchObject({ kind: "hidden" });
    server.close();
  });
});
