import { parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { systemClock } from "@holdfast/rpc";
import { describe, expect, test } from "vitest";
import type { SpawnRequest } from "../../src/process/index.ts";
import { createServices } from "../../src/services.ts";
import { FakeChild } from "../process/fake-child.ts";
import { canConfine, confinedTo, special, workspace } from "./sandbox.ts";

const EVENTS = { output: () => {}, exited: () => {}, ended: () => {}, inputBroken: () => {} };
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
    const requests: SpawnRequest[] = [];
    const spawn = (request: SpawnRequest) => {
      requests.push(request);
      return new FakeChild();
    };
    await services.confinement.start(wrapping, { ...intent, argv }, EVENTS, spawn);
    expect(wrapping).toMatchObject({ file, wraps: true });
    expect(requests).toMatchObject([{ shape: "wrapped" }]);
    services.sandboxing.close?.();
  });
});
