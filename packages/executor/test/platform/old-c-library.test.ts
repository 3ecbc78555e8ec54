import { closeSync, readFileSync, readSync, writeSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type * as CLibraryModule from "../../src/platform/c-library.ts";
import { closeOnExecFrom, duplicate, keepAcrossExec, makePipe } from "../../src/platform/descriptors.ts";

// glibc 2.31 of Debian 11 and Ubuntu 20.04, which Node runs on, has no close_range.
vi.mock("../../src/platform/c-library.ts", async (original) => {
  const real = await original<typeof CLibraryModule>();
  const lazily: typeof real.lazily = (bind, platform) =>
    real.lazily((library) => {
      const func = (prototype: string) => {
        if (prototype.includes("close_range")) throw new Error("no such function");
        return library.func(prototype);
      };
      return bind({ ...library, func });
    }, platform);
  return { ...real, lazily };
});

const O_CLOEXEC = 0o2000000;

function isClosedOnExec(fd: number): boolean {
  const [, flags = ""] = /^flags:\t(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")) ?? [];
  return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
}

test.runIf(process.platform === "linux")(
  "pipes are made, and what this process inherited is kept from children, where the C library is an older one",
  () => {
    const [readEnd, writeEnd] = makePipe() ?? [-1, -1];
    writeSync(writeEnd, "x");
    expect(readSync(readEnd, Buffer.alloc(9))).toBe(1);
    const inherited = duplicate(readEnd, 100) ?? -1;
    for (const fd of [readEnd, inherited]) keepAcrossExec(fd, true);
    closeOnExecFrom(inherited);
    expect([readEnd, inherited].map(isClosedOnExec)).toEqual([false, true]);
    for (const fd of [readEnd, writeEnd, inherited]) closeSync(fd);
  },
);
