import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connect } from "../src/connect.ts";
import { connected, settle } from "./support/connected.ts";
import { FakeExecServer, LINUX_INFO, NO_ANSWER, Refusal } from "./support/fake-exec-server.ts";

describe("the handshake", () => {
  test("is initialize, then initialized, and no more when initialize brings the environment", async () => {
    await using line = await connected();
    await settle();
    expect(line.server.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
    expect(line.server.of("initialize")).toEqual([{ clientName: "holdfast", resumeSessionId: null }]);
    expect(line.executor.sessionId).toBe("session-1");
  });

  test("names the client as told", async () => {
    await using line = await connected({}, { clientName: "my-app" });
    expect(line.server.of("initialize")[0]).toMatchObject({ clientName: "my-app" });
  });

  test("asks an older executor for its environment, once", async () => {
    await using line = await connected({
      initialize: () => ({ sessionId: "s" }),
      "environment/info": () => ({ shell: { name: "zsh", path: "/bin/zsh" } }),
    });
    expect(line.server.received.map(({ method }) => method)).toEqual(["initialize", "initialized", "environment/info"]);
    expect(line.executor.environment).toMatchObject({
      shell: { name: "zsh", path: "/bin/zsh" },
      cwd: undefined,
      pathConvention: "posix",
      version: "0.0.0",
      temporaryDirectories: [],
    });
    expect(Object.values(line.executor.environment.capabilities)).not.toContain(true);
  });

  test("keeps what the executor said, and reads absent capabilities as false", async () => {
    await using line = await connected();
    const { environment } = line.executor;
    expect(environment).toMatchObject({ cwd: "file:///srv/repo", platformOs: "linux", version: "0.171.0" });
    expect(environment.capabilities.fileWriteStreaming).toBe(true);
    expect(environment.capabilities.fsWatchMissing).toBe(false);
  });
});

describe("a failed handshake closes the line and", () => {
  test("is a timeout when initialize is never answered", async () => {
    const [near, far] = memoryLink();
    const server = new FakeExecServer(far, { initialize: () => NO_ANSWER });
    const clock = new FakeClock();
    const failed = expect(connect(near, { clock })).rejects.toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      method: "initialize",
    });
    await settle();
    await clock.advance(9_999);
    expect(server.closed).toBeUndefined();
    await clock.advance(1);
    await failed;
    await settle();
    expect(server.closed).toBeDefined();
  });

  test("is a timeout when environment/info is never answered", async () => {
    const [near, far] = memoryLink();
    const server = new FakeExecServer(far, {
      initialize: () => ({ sessionId: "s" }),
      "environment/info": () => NO_ANSWER,
    });
    const clock = new FakeClock();
    const failed = expect(connect(near, { clock })).rejects.toMatchObject({
      code: "timeout",
      method: "environment/info",
    });
    await settle();
    await clock.advance(30_000);
    await failed;
    await settle();
    expect(server.closed).toBeDefined();
  });

  test("is the executor's refusal when it refuses", async () => {
    const [near, far] = memoryLink();
    const server = new FakeExecServer(far, {
      initialize: () => {
        throw new Refusal(-32600, "no more sessions");
      },
    });
    await expect(connect(near)).rejects.toMatchObject({
      name: "RemoteError",
      code: -32600,
      message: "no more sessions",
    });
    await settle();
    expect(server.closed).toBeDefined();
  });

  test("is aborted by the caller's signal", async () => {
    const [near, far] = memoryLink();
    const server = new FakeExecServer(far, { initialize: () => NO_ANSWER });
    const controller = new AbortController();
    const failed = expect(connect(near, { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    await settle();
    controller.abort();
    await failed;
    await settle();
    expect(server.closed).toBeDefined();
  });

  test("is a closed line when the executor hangs up", async () => {
    const [near, far] = memoryLink();
    new FakeExecServer(far, {
      initialize: (_, server) => {
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await expect(connect(near)).rejects.toMatchObject({ code: "closed", delivery: "unknown", method: "initialize" });
  });
});

describe("a target of unknown kind is refused before anything is sent:", () => {
  test.each(["http://127.0.0.1:1", "127.0.0.1:7070", "", new URL("file:///tmp"), { command: "" }])(
    "%s",
    async (target) => {
      await expect(connect(target)).rejects.toMatchObject({ name: "InvalidArgumentError", argument: "target" });
    },
  );
});

describe("close", () => {
  test("is idempotent, and closed tells who did it", async () => {
    const line = await connected();
    await Promise.all([line.executor.close(), line.executor.close()]);
    await line.executor.close();
    expect(await line.executor.closed).toMatchObject({ initiator: "local" });
    await settle();
    expect(line.server.closed).toBeDefined();
  });

  test("fails later calls with delivery not-sent", async () => {
    const line = await connected();
    await line.executor.close();
    await expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
    await expect(line.executor.processes.start({ argv: ["a"] })).rejects.toMatchObject({ delivery: "not-sent" });
  });

  test("is told apart from an executor that went away", async () => {
    await using line = await connected();
    line.server.hangUp();
    expect((await line.executor.closed).initiator).not.toBe("local");
  });
});

describe("questions to the executor", () => {
  test("environmentInfo asks anew", async () => {
    await using line = await connected({ "environment/info": () => ({ ...LINUX_INFO, executorVersion: "9.9.9" }) });
    expect((await line.executor.environmentInfo()).version).toBe("9.9.9");
    expect(line.executor.environment.version).toBe("0.171.0");
  });

  test("status is what it says, and unknown for one that is older than the question", async () => {
    await using newer = await connected({ "environment/status": () => ({ status: "ready" }) });
    expect(await newer.executor.status()).toBe("ready");
    await using older = await connected();
    expect(await older.executor.status()).toBe("unknown");
  });

  test("status passes every other refusal on", async () => {
    await using line = await connected({
      "environment/status": () => {
        throw new Refusal(-32603, "broken");
      },
    });
    await expect(line.executor.status()).rejects.toMatchObject({ code: -32603 });
  });
});
