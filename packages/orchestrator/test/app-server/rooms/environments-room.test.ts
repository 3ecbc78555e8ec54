import { pathUriFromNative } from "@holdfast/path-uri";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { farExecutor } from "../../support/far-executor.ts";
import { openServices } from "../services-host.ts";

describe("an environment", () => {
  test("is told of", async () => {
    await using opened = await openServices();
    expect(await opened.ask("environment/info", { environmentId: "local" })).toEqual({
      shell: { name: expect.any(String), path: expect.stringMatching(/^\//) },
      cwd: pathUriFromNative(opened.host.cwd, "posix"),
    });
    expect(await opened.ask("environment/status", { environmentId: "local" })).toEqual({ status: "ready" });
    expect(await opened.ask("environment/status", { environmentId: "q" })).toEqual({
      status: "unknown",
      error: "unknown environment id `q`",
    });
    expect(await opened.ask("environment/info", { environmentId: "q" })).toEqual({
      error: { code: -32600, message: "unknown environment id `q`" },
    });
  });

  test("is added, with the secret that it asks for", async () => {
    await using far = await farExecutor({ token: "secret", cwd: "/tmp" });
    await using opened = await openServices();
    const added = { environmentId: "far", execServerUrl: far.url, authBearerToken: "secret", websocketRequestId: "w" };
    expect(await opened.ask("environment/add", added)).toEqual({});
    expect(await opened.ask("environment/info", { environmentId: "far" })).toMatchObject({ cwd: "file:///tmp" });
    expect(await opened.ask("environment/status", { environmentId: "far" })).toEqual({ status: "ready" });
    expect(far.handshakes.map(({ authorization }) => authorization)).toEqual(["Bearer secret"]);
  });

  test("that is out of reach is added all the same, and says why later", async () => {
    await using opened = await openServices();
    expect(await opened.ask("environment/add", { environmentId: "bad id!", execServerUrl: "http://q" })).toEqual({});
    const reason =
      "exec-server connection attempt failed: target must be a ws:, wss:, unix:, ssh: or relay+https: URL, not http://q/";
    expect(await opened.ask("environment/info", { environmentId: "bad id!" })).toEqual({
      error: { code: -32603, message: `failed to get info for environment \`bad id!\`: ${reason}` },
    });
    const status = () => opened.ask("environment/status", { environmentId: "bad id!" });
    await until(async () => ((await status()) as { status: string }).status !== "pending");
    expect(await status()).toEqual({ status: "disconnected", error: reason });
  });

  test("whose connection is being had back says so", async () => {
    await using far = await farExecutor({ cwd: "/tmp" });
    await using opened = await openServices();
    const named = { environmentId: "far" };
    await opened.ask("environment/add", { ...named, execServerUrl: far.url });
    await opened.ask("environment/info", named);
    far.line.refuse();
    far.line.cut();
    const status = () => opened.ask("environment/status", named);
    await until(async () => ((await status()) as { status: string }).status === "disconnected");
    expect(await status()).toEqual({ status: "disconnected", error: "exec-server environment is recovering" });
    far.line.admit();
    await until(async () => ((await status()) as { status: string }).status === "ready");
  });

  test("that a thread works in is told of when it is lost for good, and when it is there again", async () => {
    await using far = await farExecutor({ cwd: "/tmp" });
    await using opened = await openServices('model = "m"\n', { recovery: false });
    await opened.ask("environment/add", { environmentId: "far", execServerUrl: far.url });
    expect(await opened.ask("environment/info", { environmentId: "far" })).toMatchObject({ cwd: "file:///tmp" });
    const environments = [{ environmentId: "far", cwd: "/tmp" }];
    const { thread } = (await opened.ask("thread/start", { environments })) as { thread: { id: string } };
    await opened.ask("thread/start", { environments: [{ environmentId: "local", cwd: "/tmp" }] });
    const told = (name: string) => opened.client.named(`thread/environment/${name}`).map(({ params }) => params);
    far.line.cut();
    await until(() => told("disconnected").length === 1);
    expect(told("disconnected")).toEqual([{ threadId: thread.id, environmentId: "far" }]);
    expect(told("connected")).toEqual([]);
    expect(await opened.ask("environment/info", { environmentId: "far" })).toMatchObject({ cwd: "file:///tmp" });
    await until(() => told("connected").length === 1);
    expect(told("connected")).toEqual([{ threadId: thread.id, environmentId: "far" }]);
  });

  test.each([
    ["", "ws://q", "environment id cannot be empty"],
    ["x", " ", "remote environment requires an exec-server url"],
    ["x", "NONE", "remote environment cannot use disabled exec-server url"],
    ["local", "ws://q", "environment id `local` is reserved for EnvironmentManager"],
  ])("by id %j and URL %j is refused", async (environmentId, execServerUrl, reason) => {
    await using opened = await openServices();
    expect(await opened.ask("environment/add", { environmentId, execServerUrl })).toEqual({
      error: { code: -32600, message: `exec-server protocol error: ${reason}` },
    });
  });
});
