import { readdirSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test, vi } from "vitest";
import { closeOnExecFrom } from "../../src/platform/descriptors.ts";
import { isLinux } from "../filesystem/helpers.ts";
import { pipe, request, sh, terminal } from "./recording.ts";

function content(fd: number, text: string) {
  return { fd, content: Buffer.from(text) };
}

function open() {
  return readdirSync("/proc/self/fd").length;
}

describe.skipIf(!isLinux)("descriptors for a child", () => {
  test("are open at the start of their content under the numbers asked for, behind pipes and a terminal", async () => {
    // As an executor does with what its own parent left open.
    closeOnExecFrom(3);
    // The first start of all leaves a descriptor open, that of the guardian.
    await (await pipe(sh("true"))).closed;
    const before = open();
    const descriptors = [content(9, "nine"), content(3, "three"), content(4, "")];
    const spawn = sh("cat <&9; cat <&3; cat <&4; ls /proc/self/fd | tr '\\n' ' '", { descriptors });
    const piped = await pipe(spawn);
    await piped.closed;
    expect(piped.text()).toBe("ninethree0 1 2 3 4 5 9 ");
    const behind = terminal(spawn);
    await behind.closed;
    expect(behind.text()).toBe("ninethree0 1 2 3 4 5 9 ");
    await until(() => open() <= before);
  });

  test("carry more than a pipe holds", async () => {
    const size = 3_000_000;
    const recording = await pipe(sh("wc -c <&3", { descriptors: [{ fd: 3, content: Buffer.alloc(size, "x") }] }));
    await recording.closed;
    expect(recording.text().trim()).toBe(String(size));
  });

  test("are closed again when nothing starts", async () => {
    const before = open();
    const descriptors = [content(3, "three")];
    await expect(async () => pipe(request(["/nowhere/x"], { descriptors }))).rejects.toThrow("No such file");
    expect(() => terminal(request(["/nowhere/x"], { descriptors }))).toThrow("No such file");
    await until(() => open() <= before);
  });

  test("are handed down by Node's own means as well", async () => {
    vi.resetModules();
    vi.doMock("../../src/platform/c-library.ts", async (original) => ({
      ...(await original<object>()),
      cLibrary: () => undefined,
      lazily: () => () => undefined,
    }));
    try {
      const { pipe: pipeByNode } = await import("./recording.ts");
      const recording = await pipeByNode(
        sh("cat <&5; cat <&3", { descriptors: [content(5, "five"), content(3, "three")] }),
      );
      await recording.closed;
      expect(recording.text()).toBe("fivethree");
    } finally {
      vi.doUnmock("../../src/platform/c-library.ts");
      vi.resetModules();
    }
  });
});
