import { join } from "node:path";
import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import { createExecServerRouter } from "@holdfast/exec-server-protocol/server";
import { systemClock } from "@holdfast/rpc";
import { Door } from "./admission/index.ts";
import { Audit } from "./audit.ts";
import { commandLimitsOf } from "./command-limits-of.ts";
import { ConfinedLaunch, MachineSandboxing, type Sandboxing } from "./confinement/index.ts";
import { CommandGroups } from "./control-groups/index.ts";
import { environmentInfo } from "./environment/environment-info.ts";
import { watchGroups } from "./guardian/index.ts";
import { createHandlers } from "./handlers/index.ts";
import { HttpClient } from "./http/index.ts";
import { checkedLimits } from "./limit-ranges.ts";
import { registryPlaces, SyntheticTargets } from "./mount-targets/index.ts";
import type { ExecutorOptions } from "./options.ts";
import { homeFolder, stateFolder } from "./platform/machine-folders.ts";
import { type Log, silentLog } from "./platform/ports.ts";
import type { ConnectionServices } from "./session/connection.ts";
import { SessionRegistry } from "./session/session-registry.ts";
import { StageRecords } from "./session/stage-records.ts";
import { SpoolFolder } from "./spool/index.ts";
import { ProcessStarter } from "./start/index.ts";
import { TreeThreads } from "./trees/index.ts";

/** What all connections of an executor share. */
export interface Services extends ConnectionServices {
  readonly log: Log;
  readonly info: EnvironmentInfo;
  readonly sandboxing: Sandboxing;
  readonly confinement: ConfinedLaunch;
  readonly groups: CommandGroups;
  readonly targets: SyntheticTargets;
  readonly starter: ProcessStarter;
  readonly door: Door;
  readonly spool: SpoolFolder | undefined;
  readonly trees: TreeThreads;
  readonly stageRecords: StageRecords;
}

/**
 * Make what an executor consists of. Nothing is started or opened by that.
 *
 * @throws RangeError when a limit is out of its range, Error when `spool.directory` can't be made or written.
 */
export function createServices(options: ExecutorOptions): Services {
  const limits = checkedLimits(options.limits);
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const audit = new Audit(log, { withArguments: options.logsArguments });
  const env = definedVariables(options.env);
  const targets = new SyntheticTargets(registryPlaces());
  const state = stateFolder(env);
  const recordsPlace = state && join(state, "holdfast", "staged");
  const stageRecords = new StageRecords(recordsPlace, clock, log);
  // A command that could write a record could have a staged folder of others removed.
  const records = recordsPlace === undefined ? [] : [recordsPlace];
  const { hiddenPlaces = [] } = options;
  const ofProgram = typeof hiddenPlaces === "function" ? hiddenPlaces : () => hiddenPlaces;
  const hidden = () => [...targets.hiddenPlaces, ...records, ...ofProgram()];
  const probe = { env, cwd: options.cwd, ownPlaces: options.ownPlaces };
  const sandboxing = options.sandboxing ?? new MachineSandboxing(probe, hidden, clock);
  const info = environmentInfo({ ...options, sandboxing });
  const door = new Door(clock);
  const groups = new CommandGroups(clock, log);
  const commandLimits = commandLimitsOf(limits);
  if (commandLimits !== undefined) watchGroups();
  const confinement = new ConfinedLaunch({ sandboxing, targets, groups, delay: clock, log, network: door });
  const starter = new ProcessStarter({ confinement, delay: clock, commandLimits });
  const handlers = createHandlers({
    env,
    environment: limits,
    info,
    protectedPaths: { home: Buffer.from(homeFolder(env)), cwd: Buffer.from(options.cwd) },
    starter,
    audit,
    clock,
    delay: clock,
  });
  const trees = new TreeThreads(clock);
  const spool = options.spool === undefined ? undefined : new SpoolFolder(options.spool, log);
  return {
    limits,
    clock,
    log,
    env,
    info,
    sandboxing,
    confinement,
    groups,
    targets,
    starter,
    door,
    router: createExecServerRouter(handlers),
    http: new HttpClient(env),
    spool,
    trees,
    stageRecords,
    audit,
    sessions: new SessionRegistry({
      limits,
      clock,
      newSpool: spool && ((handed) => spool.newSpool(handed)),
      trees,
      stageRecords,
      audit,
      onCount: options.onSessionCount,
    }),
  };
}

function definedVariables(env: ExecutorOptions["env"]): Readonly<Record<string, string>> {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(defined);
}
