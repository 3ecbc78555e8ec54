import { connect } from "@holdfast/exec-client";
import { join, pathUriFromNative } from "@holdfast/path-uri";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { unconfinable } from "../support/confinement.ts";

test.skipIf(unconfinable !== undefined)(
  "a profile with many entries is worked out by the program that is shipped",
  async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using executor = await connect(server.url, { clientName: "test" });
    const root = pathUriFromNative(folder.path, "posix");
    const special = (kind: "root" | "project_roots", access: "read" | "write") =>
      ({ path: { type: "special", value: { kind } }, access }) as const;
    const denied = Array.from(
      { length: 300 },
      (_, index) => ({ path: { type: "path", path: join(root, `d${index}`) }, access: "deny" }) as const,
    );
    const entries = [special("root", "read"), special("project_roots", "write"), ...denied];
    const permissions = {
      type: "managed",
      network: "restricted",
      file_system: { type: "restricted", entries },
    } as const;
    const sandbox = { permissions, cwd: root, workspaceRoots: [root], windowsSandboxLevel: "disabled" as const };
    const run = await executor.run(["sh", "-c", "echo x > allowed; cat d7"], { cwd: folder.path, sandbox });
    expect(run.stderr).toContain("d7: Permission denied");
    expect(run.exitCode).toBe(1);
  },
);
