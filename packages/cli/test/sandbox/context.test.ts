import { parsePathUri } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { sandboxContext } from "../../src/exec/sandbox-context.ts";
import { holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

const POSIX = { pathConvention: "posix" } as const;

function special(kind: string, access: string, subpath?: string) {
  return {
    path: { type: "special", value: subpath === undefined ? { kind } : { kind, subpath } },
    access,
    ...(subpath === undefined ? {} : { missing_path_behavior: "skip" }),
  };
}

describe("the sandbox context that goes to an executor", () => {
  test("is what Codex sends for workspace-write", () => {
    const context = sandboxContext("workspace-write", parsePathUri("file:///srv/app"), POSIX);
    expect(JSON.parse(JSON.stringify(context))).toEqual({
      permissions: {
        type: "managed",
        network: "restricted",
        file_system: {
          type: "restricted",
          entries: [
            special("root", "read"),
            special("project_roots", "write"),
            special("slash_tmp", "write"),
            special("tmpdir", "write"),
            ...[".git", ".agents", ".codex", ".aws"].map((name) => special("project_roots", "read", name)),
          ],
        },
      },
      cwd: "file:///srv/app",
      workspaceRoots: ["file:///srv/app"],
      windowsSandboxLevel: "disabled",
    });
  });

  test("is reading everywhere for read-only, and nothing for none", () => {
    const context = sandboxContext("read-only", undefined, POSIX);
    expect(JSON.parse(JSON.stringify(context))).toEqual({
      permissions: {
        type: "managed",
        network: "restricted",
        file_system: { type: "restricted", entries: [special("root", "read")] },
      },
      windowsSandboxLevel: "disabled",
    });
    expect(sandboxContext("none", undefined, POSIX)).toBeUndefined();
  });

  test("asks a Windows executor for a level that confines", () => {
    expect(sandboxContext("read-only", undefined, { pathConvention: "windows" })?.windowsSandboxLevel).toBe(
      "restricted-token",
    );
  });
});

const ATTEMPTS = ": >inside && echo inside; : >../outside && echo outside; true";
const EXPECTED = { "read-only": [], "workspace-write": ["inside"], none: ["inside", "outside"] };

describe.skipIf(unconfinable !== undefined)(`exec --sandbox${skipped}`, () => {
  test.each(Object.entries(EXPECTED))(
    "%s, on an executor inside the process and on a remote one",
    async (policy, expected) => {
      await using server = await serve();
      for (const where of [[], ["--url", server.url]]) {
        await using folder = await ungrantedDir();
        const cwd = folder.join("w");
        await holdfast(["exec", "--", "mkdir", cwd]);
        const { stdout } = await holdfast([
          "exec",
          ...where,
          "--sandbox",
          policy,
          "--cwd",
          cwd,
          "--",
          "sh",
          "-c",
          ATTEMPTS,
        ]);
        expect(lines(stdout.toString())).toEqual(expected);
      }
    },
  );
});

describe.runIf(process.platform === "linux")("exec --sandbox on an executor that confines nothing", () => {
  test("starts nothing and says why in one line", async () => {
    await using server = await serve({ env: { PATH: "/nonexistent" } });
    const args = ["exec", "--url", server.url, "--sandbox", "read-only", "--", "/bin/echo", "ran"];
    const { code, stdout, stderr } = await holdfast(args);
    expect([code, stdout.toString()]).toEqual([1, ""]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/cannot start \/bin\/echo: .*bubblewrap .*; leave out --sandbox to run it unconfined$/),
    ]);
  });
});
