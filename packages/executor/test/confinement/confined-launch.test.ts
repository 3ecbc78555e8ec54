import { parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { systemClock } from "@holdfast/rpc";
import { describe, expect, test, vi } from "vitest";
import { createServices } from "../../src/services.ts";
import { canConfine, confinedTo, special, workspace } from "./sandbox.ts";

const ENTRIES = [special("root", "read"), special("project_roots", "write")];

describe.skipIf(!canConfine)("what is started for a plan", () => {
  test("is a wrapper, though the command that it confines is the same program with more words", async () => {
    using folder = workspace();
    const services = createServices({ env: { PATH: "/usr/bin:/bin" }, cwd: "/", version: "0.0.0", clock: systemClock });
    const intent = {
      context: parseFileSystemSandboxContext(confinedTo(folder.path, ENTRIES, "enabled")),
      argv: ["true"],
      cwd: folder.path,
      env: { PATH: "/usr/bin:/bin" },
    };
    const { file } = await services.confinement.plan(intent);
    const argv = [file, ...Array.from({ length: 100 }, () => "--version")];
    const wrapping = await services.confinement.plan({ ...intent, argv });
    expect(wrapping).toMatchObject({ file, wraps: true });
    // It reaches the network of this machine, so somebody has to look after it.
    const begin = vi.spyOn(services.door, "begin");
    const { promise, resolve } = Promise.withResolvers<number>();
    const events = { output: () => {}, exited: resolve, ended: () => {}, inputBroken: () => {} };
    const terms = { tty: false, input: "null" } as const;
    await services.confinement.start(wrapping, { ...intent, argv }, terms, events);
    expect(await promise).toBe(0);
    expect(begin).toHaveBeenCalledTimes(1);
    services.sandboxing.close?.();
  });
});
