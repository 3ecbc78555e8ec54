import { closeSync } from "node:fs";
import { adoptGuard, handOverGuard } from "./guardian/index.ts";
import type { HandedExecutor } from "./handed-state.ts";
import { listenerDescriptors } from "./listeners/index.ts";
import { canBecomeProgram } from "./platform/become-program.ts";
import { canReap, reapRest } from "./platform/child-reaper.ts";
import type { IncomingBytes, OutgoingBytes } from "./platform/handed-bytes.ts";
import { canPosixSpawn } from "./platform/posix-spawn.ts";
import { childrenOf } from "./platform/process-children.ts";
import {
  adoptChild,
  descriptorsOf,
  type EndNews,
  type HandedChild,
  leaderOf,
  type ManagedProcess,
} from "./process/index.ts";
import type { Services } from "./services.ts";
import type { AdoptProcess } from "./session/session.ts";

/** Whether all children of this process could be handed over. */
export function canHandOver(): boolean {
  return canBecomeProgram() && canReap() && canPosixSpawn();
}

/** All of it in one turn. Nobody must hold a session any more. */
export function handOverServices(
  { sessions, confinement, groups, targets }: Services,
  bytes: OutgoingBytes,
): HandedExecutor {
  return {
    sessions: sessions.handOver(bytes),
    guard: handOverGuard(),
    groups: groups.handOver(),
    targetsUser: targets.handOver(),
    runs: confinement.handOver(),
  };
}

/** The descriptors that go along under their numbers. */
export function descriptorsIn({ guard, runs, sessions }: HandedExecutor): readonly number[] {
  const processes = sessions.flatMap((session) => session.processes);
  return [
    ...(guard.guardian === undefined ? [] : [guard.guardian.writeEnd]),
    ...runs.flatMap(({ places }) => places),
    ...processes.flatMap(({ child }) => (child === undefined ? [] : descriptorsOf(child))),
    ...spoolsIn(sessions),
    ...sessions.flatMap(({ listeners = [] }) => listeners.flatMap(listenerDescriptors)),
  ];
}

function spoolsIn(sessions: HandedExecutor["sessions"]): readonly number[] {
  const processes = sessions.flatMap((session) => session.processes);
  return processes.flatMap(({ log: { spool } }) => (typeof spool === "object" ? [spool.fd] : []));
}

/** Go on where another program in this very process stopped. To be called before anything else is asked of the services. */
export function adoptServices(services: Services, handed: HandedExecutor, bytes: IncomingBytes): void {
  const { confinement, groups, sessions, starter, targets } = services;
  adoptGuard(handed.guard, new Set(handed.sessions.flatMap(({ descent }) => descent.blocks)));
  groups.adopt(handed.groups);
  targets.adopt(handed.targetsUser);
  const runs = new Map(handed.runs.map((run) => [run.pid, run]));
  // What can't be undone waits until all of it is in place: a program that can't go on gives it back as it was.
  const goOns: (() => void)[] = [];
  const adoptProcess: AdoptProcess = (process, state, memory) => {
    const judge = state.sandboxType && starter.judgeOf(state.sandboxType);
    const adopted = state.child && adoptedChild(process, state.child, state.exit === undefined ? "untold" : "told");
    goOns.push(process.adoptHanded(state, memory, adopted?.child, judge));
    if (adopted !== undefined) goOns.push(() => adopted.goOn());
  };
  const adoptedChild = (process: ManagedProcess, child: HandedChild, news: EndNews) => {
    const pid = leaderOf(child);
    const run = pid === undefined ? undefined : runs.get(pid);
    if (run === undefined) return adoptChild(child, process.events, news);
    runs.delete(run.pid);
    return confinement.adopt(run, process.events, (events) => adoptChild(child, events, news));
  };
  sessions.adopt(handed.sessions, bytes, adoptProcess);
  for (const goOn of goOns) goOn();
  // Where nothing is spooled any more nobody reads them, and they have no name: the disk has them until they are closed.
  if (services.spool === undefined) for (const fd of spoolsIn(handed.sessions)) closeSync(fd);
  for (const run of runs.values()) confinement.adoptRest(run);
  reapRest(childrenOf(process.pid));
}
