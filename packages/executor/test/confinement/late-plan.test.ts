import type { ProcessStartParams, Received } from "@holdfast/exec-server-protocol";
import { systemClock } from "@holdfast/rpc";
import type { LaunchPlan } from "@holdfast/sandbox";
import { expect, test } from "vitest";
import { Audit } from "../../src/audit.ts";
import { ConfinedLaunch, type Sandboxing } from "../../src/confinement/index.ts";
import { CommandGroups } from "../../src/control-groups/index.ts";
import { processHandlers } from "../../src/handlers/process.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { SyntheticTargets } from "../../src/mount-targets/index.ts";
import { silentLog } from "../../src/platform/ports.ts";
import type { CallContext } from "../../src/session/call-context.ts";
import { SessionRegistry } from "../../src/session/session-registry.ts";
import { StageRecords } from "../../src/session/stage-records.ts";
import { ProcessStarter } from "../../src/start/index.ts";
import { TreeThreads } from "../../src/trees/index.ts";
import { workspace, workspaceWrite } from "./sandbox.ts";

/** A session and a start in it whose plan is not made before that is said. */
function setUp(folder: { readonly path: string; readonly uri: string }) {
  const planning = Promise.withResolvers<LaunchPlan>();
  const sandboxing: Sandboxing = { isLikely: true, wasDenied: () => false, plan: () => planning.promise };
  const targets = new SyntheticTargets(["/nonexistent"], systemClock);
  const network = { begin: () => () => {} };
  const groups = new CommandGroups(systemClock, silentLog);
  const confinement = new ConfinedLaunch({ sandboxing, targets, groups, delay: systemClock, log: silentLog, network });
  const audit = new Audit(silentLog);
  const handlers = processHandlers({
    env: {},
    environment: DEFAULT_LIMITS,
    starter: new ProcessStarter({ confinement, delay: systemClock }),
    audit,
    delay: systemClock,
  });
  const sessions = new SessionRegistry({
    limits: DEFAULT_LIMITS,
    clock: systemClock,
    trees: new TreeThreads(systemClock),
    stageRecords: new StageRecords(undefined, systemClock, silentLog),
    audit,
  });
  const line = { notify: () => {}, writable: true, whenWritable: async () => {} };
  const session = sessions.open({ line });
  const params = {
    processId: "p",
    argv: ["sleep", "600"],
    cwd: folder.uri,
    env: { PATH: "/usr/bin:/bin" },
    tty: false,
    sandbox: workspaceWrite(folder.path),
  } as unknown as Received<ProcessStartParams>;
  const started = handlers["process/start"](params, {
    connection: { session, client: { peerName: "test" } },
  } as unknown as CallContext);
  const plan: LaunchPlan = {
    sandboxType: "none",
    wraps: false,
    file: "sleep",
    args: ["600"],
    arg0: undefined,
    env: { PATH: "/usr/bin:/bin" },
    cwd: folder.path,
    descriptors: [],
    syntheticTargets: [],
    pinned: [],
    maxProcesses: undefined,
    proxyRoutes: [],
  };
  return { started, sessions, makePlan: () => planning.resolve(plan) };
}

test("what was planned while its session lived is not started when that has ended", async () => {
  using folder = workspace();
  const { started, sessions, makePlan } = setUp(folder);
  sessions.close();
  makePlan();
  await expect(started).rejects.toMatchObject({ message: "the session has ended" });
});

test("what was planned for a session that lives is started", async () => {
  using folder = workspace();
  const { started, sessions, makePlan } = setUp(folder);
  makePlan();
  await expect(started).resolves.toMatchObject({ processId: "p" });
  sessions.close();
});
