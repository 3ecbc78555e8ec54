import { realpath } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { leakGuard, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { FakeExecServer } from "../support/fake-exec-server.ts";

describe("a websocket", () => {
  test("carries the session, the headers, and its end", async () => {
    await using _ = leakGuard();
    const servers: FakeExecServer[] = [];
    let authorization: string | undefined;
    await using listener = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      onPort: (port, request) => {
        authorization = request.headers.authorization;
        servers.push(new FakeExecServer(port, { "fs/readFile": () => ({ dataBase64: "YQ==" }) }));
      },
    });
    await using executor = await connect(new URL(listener.url), { headers: { authorization: "Bearer secret" } });
    expect(authorization).toBe("Bearer secret");
    expect(await executor.fs.readTextFile("/a")).toBe("a");
    await executor.close();
    await until(() => servers[0]?.closed !== undefined);
    expect(await executor.closed).toMatchObject({ initiator: "local" });
  });

  test("takes a message of more than 64 MiB: a file of 50 MiB in one piece", async () => {
    const dataBase64 = Buffer.alloc(50 * 1_048_576, "abc").toString("base64");
    await using listener = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      onPort: (port) => void new FakeExecServer(port, { "fs/readFile": () => ({ dataBase64 }) }),
    });
    await using executor = await connect(listener.url);
    expect((await executor.fs.readFile("/a")).byteLength).toBe(50 * 1_048_576);
  });

  test("that nobody listens on is a link error, not sent", async () => {
    const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: () => {} });
    await listener.close();
    await expect(connect(listener.url)).rejects.toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "not-sent",
    });
  });

  test("is not even tried with an aborted signal", async () => {
    let connections = 0;
    const onPort = () => {
      connections += 1;
    };
    await using listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
    await expect(connect(listener.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect(connections).toBe(0);
  });
});

describe("a child", () => {
  const program = fileURLToPath(new URL("../support/stdio-exec-server.mjs", import.meta.url));

  test("is started with its arguments, environment and folder, and ends with the line", async () => {
    await using _ = leakGuard();
    await using folder = await tempDir();
    const stderr: Uint8Array[] = [];
    const executor = await connect({
      command: process.execPath,
      args: [program, "one", "two words"],
      env: { FAKE_SHELL: "zsh" },
      cwd: folder.path,
      onStderr: (chunk) => void stderr.push(chunk),
    });
    expect(executor.environment.shell.name).toBe("zsh");
    expect(executor.environment.cwd).toBe(pathToFileURL(await realpath(folder.path)).href);
    expect(await executor.fs.readTextFile("/a")).toBe("one two words");
    await until(() => Buffer.concat(stderr).toString() === "started\n");
    const pid = Number(executor.sessionId.replace("pid-", ""));
    expect(process.kill(pid, 0)).toBe(true);
    await executor.close();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("that dies is not started again: its processes and calls learn why", async () => {
    await using _ = leakGuard();
    let starts = 0;
    const executor = await connect({
      command: process.execPath,
      args: [program],
      onStderr: (chunk) => {
        starts += Buffer.from(chunk).toString().split("started").length - 1;
      },
    });
    process.kill(Number(executor.sessionId.replace("pid-", "")), "SIGKILL");
    const { initiator } = await executor.closed;
    expect(initiator).not.toBe("local");
    expect(executor.state).toBe("failed");
    const refused = { name: "LinkError", code: "closed", delivery: "not-sent" };
    await expect(executor.fs.readFile("/a")).rejects.toMatchObject(refused);
    await expect(executor.processes.start({ argv: ["a"] })).rejects.toMatchObject(refused);
    await until(() => starts > 0);
    expect(starts).toBe(1);
  });

  test("that can not be started is a link error, not sent", async () => {
    await expect(connect({ command: "/nowhere/at-all" })).rejects.toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "not-sent",
    });
  });

  test("that ends before it answers is a closed line", async () => {
    await using _ = leakGuard();
    const ended = connect({ command: process.execPath, args: ["-e", "process.exit(3)"] });
    await expect(ended).rejects.toMatchObject({ name: "LinkError", code: "closed", method: "initialize" });
  });
});
