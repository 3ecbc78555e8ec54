import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  checkSelections,
  defaultSelections,
  EnvironmentRegistry,
  environmentContext,
  type StepSnapshot,
  ThreadEnvironments,
} from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { localExecutor } from "../support/local-executor.ts";
import { silentPort } from "../support/silent-port.ts";

const LOCAL = { environmentId: "local", cwd: "/" };

function told(step: StepSnapshot) {
  return {
    ready: step.ready.map(({ id }) => id),
    starting: step.starting.map(({ environmentId }) => environmentId),
    failed: step.failed.map(({ environmentId }) => environmentId),
    primary: step.primary?.id,
  };
}

describe("a step", () => {
  test("sees what is ready, waits for nothing that is starting, and leaves out what failed", async () => {
    await using local = localExecutor();
    await using far = await farExecutor();
    await using silent = await silentPort();
    await using dead = await farExecutor();
    await dead.stop();
    await using registry = new EnvironmentRegistry({
      environments: [
        local.definition,
        { id: "far", url: far.url },
        { id: "slow", url: silent.url },
        { id: "dead", url: dead.url },
      ],
      defaultId: "local",
    });
    const thread = new ThreadEnvironments(registry);
    await until(() => registry.report("far").status === "ready" && registry.report("dead").status === "disconnected");
    expect(thread.select(defaultSelections(registry, "/work"))).toEqual([]);
    using step = await thread.capture();
    expect(told(step)).toEqual({
      ready: ["local", "far"],
      starting: ["slow"],
      failed: ["dead"],
      primary: "local",
    });
    expect(thread.attached.map(({ environmentId }) => environmentId)).toEqual(["local", "far"]);
    const place = await step.at("far");
    expect(place).toMatchObject({ id: "far", cwd: "/work", isRemote: true });
    expect(place?.shell).toEqual(place?.executor.environment.shell);
    expect((await place?.executor.run(["echo", "there"], { cwd: "/" }))?.stdout).toBe("there\n");
    expect(await step.at(undefined)).toMatchObject({ id: "local", isRemote: false });
    expect(await step.at("zzz")).toBeUndefined();
    await expect(step.at("slow")).rejects.toMatchObject({
      code: "not-ready",
      message: "environment `slow` is still starting",
    });
    await expect(step.at("dead")).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/^environment `dead` failed: exec-server connection attempt failed: /),
    });
  });

  test("starts what its thread selects and nobody used before, and a later step sees it", async () => {
    await using folder = await tempDir("steps-");
    await using far = await farExecutor();
    far.line.refuse();
    await using registry = new EnvironmentRegistry({
      retryFailedStart: true,
      environments: [{ id: "far", url: far.url }],
    });
    await until(() => registry.report("far").status === "disconnected");
    far.line.admit();
    const thread = new ThreadEnvironments(registry);
    thread.select([{ environmentId: "far", cwd: folder.path }]);
    using first = await thread.capture();
    expect(told(first)).toMatchObject({ ready: [], starting: ["far"], primary: undefined });
    await expect(first.at(undefined)).rejects.toMatchObject({ code: "not-ready" });
    await until(() => registry.report("far").status === "ready");
    using second = await thread.capture();
    expect(told(second)).toMatchObject({ ready: ["far"], starting: [], primary: "far" });
  });

  test("keeps the handle that it was ready with, whatever is registered meanwhile; the next one sees the new", async () => {
    await using before = await farExecutor({ cwd: "/usr" });
    await using after = await farExecutor({ cwd: "/tmp" });
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "worker", url: before.url });
    await old.executor();
    const thread = new ThreadEnvironments(registry);
    thread.select([{ environmentId: "worker", cwd: "/" }]);
    const step = await thread.capture();
    const handle = registry.register({ id: "worker", url: after.url });
    expect((await step.at("worker"))?.handle).toBe(old);
    expect((await (await step.at("worker"))?.executor.run(["pwd"]))?.stdout).toBe("/usr\n");
    // It is starting at first: the step does not wait for it, and does not fall back on the old one either.
    using between = await thread.capture();
    expect([...between.ready.map((each) => each.handle), ...between.starting.map(() => handle)]).toEqual([handle]);
    await handle.executor();
    using next = await thread.capture();
    expect((await next.at("worker"))?.handle).toBe(handle);
    expect((await (await next.at("worker"))?.executor.run(["pwd"]))?.stdout).toBe("/tmp\n");
    expect(old.status.state).toBe("ready");
    step[Symbol.dispose]();
    step[Symbol.dispose]();
    expect(old.status.state).toBe("ended");
    await until(() => before.line.openCount === 0);
  });

  test("does not have what was taken out of the registry", async () => {
    await using local = localExecutor();
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry({ environments: [local.definition, { id: "far", url: far.url }] });
    await registry.require("far").executor();
    const thread = new ThreadEnvironments(registry);
    thread.select([{ environmentId: "far", cwd: "/" }, LOCAL]);
    registry.remove("far");
    using step = await thread.capture();
    expect(told(step)).toEqual({ ready: ["local"], starting: [], failed: ["far"], primary: "local" });
    expect(step.failed[0]?.error).toBe("unknown environment id `far`");
  });

  test("is not waited for by who has given up", async () => {
    await using registry = new EnvironmentRegistry();
    const thread = new ThreadEnvironments(registry);
    const reason = new Error("no longer wanted");
    await expect(thread.capture({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("a selection", () => {
  test("leaves out what nobody knows, and takes the first of what stands twice", async () => {
    await using local = localExecutor();
    await using registry = new EnvironmentRegistry({ environments: [local.definition] });
    const thread = new ThreadEnvironments(registry);
    const selected = [LOCAL, { environmentId: "zzz", cwd: "/" }, { environmentId: "local", cwd: "/tmp" }];
    expect(thread.select(selected)).toEqual(["zzz"]);
    expect(thread.selections).toEqual([LOCAL]);
  });

  test("that is the same as before stays as it is, with another folder it is made anew", async () => {
    await using local = localExecutor();
    await using registry = new EnvironmentRegistry({ environments: [local.definition] });
    const thread = new ThreadEnvironments(registry, { localShell: { name: "zsh", path: "/bin/zsh" } });
    thread.select([LOCAL]);
    using first = await thread.capture();
    thread.select([{ ...LOCAL }]);
    using second = await thread.capture();
    expect(second.primary).toBe(first.primary);
    expect(first.primary?.shell).toEqual({ name: "zsh", path: "/bin/zsh" });
    thread.select([{ ...LOCAL, cwd: "/tmp" }]);
    using third = await thread.capture();
    expect(third.primary).toMatchObject({ cwd: "/tmp" });
    expect(local.connections()).toBe(1);
  });

  test("is refused as a whole at the door", async () => {
    await using local = localExecutor();
    await using registry = new EnvironmentRegistry({ environments: [local.definition] });
    checkSelections(registry, []);
    checkSelections(registry, [LOCAL]);
    expect(() => checkSelections(registry, [LOCAL, LOCAL])).toThrow("duplicate turn environment id `local`");
    expect(() => checkSelections(registry, [{ environmentId: "zz", cwd: "/" }])).toThrow(
      "unknown turn environment id `zz`",
    );
  });

  test("by default is everything, the default first; or nothing where there is no default", async () => {
    const environments = [
      { id: "a", program: "a" },
      { id: "b", program: "b" },
    ];
    await using some = new EnvironmentRegistry({ environments, defaultId: "b" });
    expect(defaultSelections(some, "/w")).toEqual([
      { environmentId: "b", cwd: "/w" },
      { environmentId: "a", cwd: "/w" },
    ]);
    await using none = new EnvironmentRegistry({ environments });
    expect(defaultSelections(none, "/w")).toEqual([]);
  });
});

test("a model is told of a single environment in two lines, and of several by their ids", () => {
  const handle = undefined as never;
  const local = { id: "local", cwd: "/a<b", isRemote: false, shell: { name: "bash", path: "/bin/bash" }, handle };
  const one = { ready: [local], starting: [], failed: [], primary: local };
  expect(environmentContext(one)).toBe("  <cwd>/a&lt;b</cwd>\n  <shell>bash</shell>\n");
  expect(environmentContext({ ready: [], starting: [], failed: [], primary: undefined })).toBe("");
  const several = {
    ready: [local],
    starting: [{ environmentId: "slow", cwd: "/" }],
    failed: [{ environmentId: "dead", cwd: "/", error: "it & all" }],
    primary: local,
  };
  expect(environmentContext(several)).toBe(`  <environments>
    <environment id="dead" primary="false">
      <cwd>/</cwd>
      <status>failed</status>
      <error>it &amp; all</error>
    </environment>
    <environment id="local" primary="true">
      <cwd>/a&lt;b</cwd>
      <shell>bash</shell>
    </environment>
    <environment id="slow" primary="false">
      <cwd>/</cwd>
      <status>starting</status>
    </environment>
  </environments>
`);
});
