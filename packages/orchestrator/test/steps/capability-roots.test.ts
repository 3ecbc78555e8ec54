import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  EnvironmentRegistry,
  persistedCapabilityRoots,
  readCapabilityRoots,
  resolveCapabilityRoots,
  restoredCapabilityRoots,
  type SelectedCapabilityRoot,
  sameRoots,
  ThreadEnvironments,
} from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { silentPort } from "../support/silent-port.ts";

function root(id: string, environmentId: string, path = `/${id}`): SelectedCapabilityRoot {
  return { id, location: { type: "environment", environmentId, path } };
}

/** A program that leads to a real executor: a pipe to its websocket would do, but none is needed to see that it is started. */
const LAZY = { id: "lazy", program: "/bin/cat", initializeTimeoutMs: 100 };

describe("what is selected", () => {
  test.each(["/abs/olute", "file:///x%20y", "C:\\there", "\\\\host\\share", "file://host/share/x"])(
    "may be at %s, and is kept as it was given",
    (path) => {
      expect(readCapabilityRoots([root("r", "worker", path)])).toEqual([root("r", "worker", path)]);
    },
  );

  test.each([
    [[root("r", "w", "rel")], "Invalid request: path `rel` is not absolute"],
    [[root("r", "w", "")], "Invalid request: path `` is not absolute"],
    [{}, "Invalid request: selected capability roots must be a list"],
    [[5], "Invalid request: selected capability root 0 must have an id"],
    [[{ id: "r" }], "Invalid request: selected capability root 0 must have a location"],
    [
      [{ id: "r", location: { type: "url", url: "x" } }],
      "Invalid request: the location of selected capability root 0 must be of type environment",
    ],
    [
      [root("a", "w"), { id: "r", location: { type: "environment", path: "/" } }],
      "Invalid request: the location of selected capability root 1 must have an environmentId and a path",
    ],
  ])("is refused: %j", (value, message) => {
    expect(() => readCapabilityRoots(value)).toThrow(message);
  });

  test("is all that is written down, byte for byte, whatever is known of the environment", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const handle = registry.register({ id: "far", url: far.url });
    await handle.executor();
    const selected = [{ ...root("r", "far"), handle, location: { ...root("r", "far").location, executor: handle } }];
    const text = JSON.stringify(persistedCapabilityRoots(selected));
    expect(text).toBe(
      '{"selected_capability_roots":[{"id":"r","location":{"type":"environment","environmentId":"far","path":"/r"}}]}',
    );
    expect(restoredCapabilityRoots(JSON.parse(text))).toEqual([root("r", "far")]);
    expect(restoredCapabilityRoots({ id: "a record from before" })).toEqual([]);
    expect(() => restoredCapabilityRoots({ selected_capability_roots: [root("r", "w", "rel")] })).toThrow(
      "not absolute",
    );
  });
});

describe("what a step has of it", () => {
  test("is what is captured as ready, by exactly that handle; and what is ready besides", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "far", url: far.url });
    await old.executor();
    const other = registry.register({ id: "other", url: far.url });
    await other.executor();
    const hold = old.hold();
    const handle = registry.register({ id: "far", url: far.url });
    await handle.executor();
    const roots = [root("a", "far"), root("b", "other"), root("c", "nowhere"), root("d", "far", "file:///d")];
    const resolved = resolveCapabilityRoots(roots, new Map([["far", old]]), registry);
    expect(resolved).toEqual([
      { id: "a", path: "/a", handle: old },
      { id: "b", path: "/b", handle: other },
      { id: "d", path: "file:///d", handle: old },
    ]);
    expect(sameRoots(resolved, [...resolved])).toBe(true);
    expect(sameRoots(resolved, resolveCapabilityRoots(roots, new Map(), registry))).toBe(false);
    expect(sameRoots(resolved, [...resolved].reverse())).toBe(false);
    expect(sameRoots(resolved, resolved.slice(1))).toBe(false);
    hold[Symbol.dispose]();
  });

  test("is nothing of what is starting or failed, in the step or besides", async () => {
    await using far = await farExecutor();
    await using silent = await silentPort();
    await using registry = new EnvironmentRegistry({ environments: [LAZY] });
    await registry.register({ id: "far", url: far.url }).executor();
    registry.register({ id: "slow", url: silent.url });
    await expect(registry.require("lazy").executor()).rejects.toMatchObject({ code: "failed" });
    const roots = [root("a", "far"), root("b", "slow"), root("c", "lazy")];
    expect(resolveCapabilityRoots(roots, new Map([["far", null]]), registry)).toEqual([]);
  });

  test("is nothing of what nobody asked for yet, which is started once, for a later step", async () => {
    await using far = await farExecutor();
    let starts = 0;
    await using registry = new EnvironmentRegistry({
      environments: [
        {
          id: "lazy",
          address: "a way of its own",
          target: () => {
            starts += 1;
            return far.url;
          },
        },
      ],
    });
    const thread = new ThreadEnvironments(registry);
    const roots = [root("a", "lazy"), root("b", "lazy")];
    using first = await thread.capture({ roots });
    expect(first.roots).toEqual([]);
    await until(() => registry.require("lazy").status.state === "ready");
    using second = await thread.capture({ roots });
    expect(second.roots.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(starts).toBe(1);
    expect(second.roots[0]?.handle).toBe(registry.get("lazy"));
  });

  test("is kept for it: a root's environment that is registered anew stays connected until the step is over", async () => {
    await using before = await farExecutor();
    await using after = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "far", url: before.url });
    await old.executor();
    const thread = new ThreadEnvironments(registry);
    const step = await thread.capture({ roots: [root("a", "far")] });
    registry.register({ id: "far", url: after.url });
    const [found] = step.roots;
    expect(found?.handle).toBe(old);
    expect(await (await found?.handle.executor())?.fs.exists("/")).toBe(true);
    step[Symbol.dispose]();
    await until(() => before.line.openCount === 0);
  });
});
