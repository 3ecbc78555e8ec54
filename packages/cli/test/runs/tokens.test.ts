import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { holdfast } from "../support/cli.ts";

const TOKEN = "for-one-executor-alone";

test("ps shows a token to the executor that it is for, and to no other that has a run", async () => {
  await using state = await tempDir();
  const heard = new Map<string, string>();
  const servers = ["theirs", "ours"].map((name) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => {
        heard.set(name, `${heard.get(name) ?? ""}${data}`);
        socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      });
    });
    return server.listen(0, "127.0.0.1");
  });
  await Promise.all(servers.map((server) => once(server, "listening")));
  const urls = servers.map((server) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await mkdir(state.join("holdfast/runs"), { recursive: true, mode: 0o700 });
  for (const [index, url] of urls.entries()) {
    const record = { id: `${index}`.repeat(8), url, argv: ["make"], cwd: null, startedAt: new Date().toISOString() };
    await writeFile(state.join(`holdfast/runs/${record.id}.json`), JSON.stringify(record), { mode: 0o600 });
  }
  const env = { XDG_STATE_HOME: state.path, HOLDFAST_TOKEN: TOKEN, HOLDFAST_URL: urls[1] ?? "" };
  const { code, stdout, stderr } = await holdfast(["ps"], { env });
  for (const server of servers) server.close();
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.toString()).not.toContain(TOKEN);
  expect(heard.get("ours")).toContain(`Authorization: Bearer ${TOKEN}`);
  expect(heard.get("theirs")).toMatch(/^GET \/ HTTP/);
  expect(heard.get("theirs")).not.toContain(TOKEN);
});
