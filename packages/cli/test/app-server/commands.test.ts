import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AppServer, connectAppServer } from "@holdfast/app-server-client";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, testEnvironment } from "../support/cli.ts";
import { servedAppServer } from "./served.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;

/** A command that writes down the ids of its shell, of a child, and of one that went its own way as far as it could. */
function family(file: string): string[] {
  return [
    "sh",
    "-c",
    `echo $$ >> ${file}; sleep 300 & echo $! >> ${file}; setsid sh -c 'echo $$ >> ${file}; exec sleep 300' & wait`,
  ];
}

function idsIn(file: string): number[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

async function startFamilies(server: AppServer, folder: string): Promise<number[]> {
  const files = ["command", "process"].map((name) => join(folder, name));
  const [first = "", second = ""] = files;
  server.command.exec({ ...FREE, command: family(first), disableTimeout: true }).catch(() => {});
  await server.process.spawn({ command: family(second), processHandle: "p", cwd: folder, timeoutMs: null });
  await until(() => files.every((file) => idsIn(file).length === 3));
  return files.flatMap(idsIn);
}

describe("a server of app-server clients that runs commands", () => {
  test("leaves none of them when it is told to end", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    await using client = await connectAppServer(served.url, { capabilities: { experimentalApi: true } });
    const ids = await startFamilies(client, served.home);
    served.cli.child.kill("SIGTERM");
    expect(await served.cli.result()).toMatchObject({ code: 0 });
    for (const id of ids) await until(() => !isAlive(id));
  });

  test("leaves none of them when it is killed", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    await using client = await connectAppServer(served.url, { capabilities: { experimentalApi: true } });
    const ids = await startFamilies(client, served.home);
    served.cli.child.kill("SIGKILL");
    await served.cli.result();
    for (const id of ids) await until(() => !isAlive(id));
  });

  test("leaves none of them when its pipes are closed", async () => {
    await using home = await tempDir();
    const env = { ...testEnvironment(), CODEX_HOME: home.path };
    const child = { command: process.execPath, args: [BIN, "app-server"], cwd: home.path, env };
    const client = await connectAppServer(child, { capabilities: { experimentalApi: true } });
    const ids = await startFamilies(client, home.path);
    await client.close();
    for (const id of ids) await until(() => !isAlive(id));
  });

  test("ends those of a client that is gone, and no others", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    await using stays = await connectAppServer(served.url, { capabilities: { experimentalApi: true } });
    const leaves = await connectAppServer(served.url, { capabilities: { experimentalApi: true } });
    const own = stays.command.exec({
      ...FREE,
      command: ["cat"],
      processId: "own",
      streamStdin: true,
      disableTimeout: true,
    });
    const ids = await startFamilies(leaves, served.home);
    await leaves.close();
    for (const id of ids) await until(() => !isAlive(id));
    await stays.command.exec.write({ processId: "own", deltaBase64: "YQ==", closeStdin: true });
    expect(await own).toEqual({ exitCode: 0, stdout: "a", stderr: "" });
  });
});
