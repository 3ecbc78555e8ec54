import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type SeccompArch, SYSCALL_NAMES, syscallNumber } from "../../src/seccomp/syscall-numbers.ts";

const HEADERS: Readonly<Record<SeccompArch, readonly string[]>> = {
  x64: ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"],
  // Before it had a table of its own, arm64 took the generic one.
  arm64: ["/usr/include/asm-generic/unistd.h"],
};

describe.each(["x64", "arm64"] as const)("system call numbers of %s", (arch) => {
  const header = HEADERS[arch].find(
    (path) => existsSync(path) && /__NR_io_uring_setup/.test(readFileSync(path, "utf8")),
  );

  test("are all different", () => {
    expect(new Set(SYSCALL_NAMES.map((name) => syscallNumber(name, arch))).size).toBe(SYSCALL_NAMES.length);
  });

  test.skipIf(header === undefined)(
    `are those of the kernel's headers (${header ?? "skipped: no headers here"})`,
    () => {
      const text = readFileSync(header ?? "", "utf8");
      for (const name of SYSCALL_NAMES) {
        const line = new RegExp(`^#define __NR(?:3264)?_${name}\\s+(\\d+)`, "m").exec(text);
        expect([name, Number(line?.[1])]).toEqual([name, syscallNumber(name, arch)]);
      }
    },
  );
});
