import { readProcFile } from "../platform/proc-file.ts";
import { procStatOf } from "../platform/proc-stat.ts";
import { childrenOf } from "../platform/process-children.ts";
import { signalGroup, trySignal } from "./group.ts";

interface Member {
  readonly pid: number;
  readonly group: number;
  /** Process 1 of a namespace of its own. */
  readonly isInit: boolean;
}

/**
 * Signal what a confining program runs, not the program itself: that would die of it and take the command with it before
 * the command could react. Until there is a command, the program stands for it.
 */
export function signalConfined(pid: number, signal: NodeJS.Signals, leader: "unreaped" | "reaped"): void {
  const below = leader === "reaped" ? [] : childrenOf(pid).flatMap(member);
  if (signal === "SIGKILL") {
    // Its group first, so that a fork bomb can not go on; then process 1, whose namespace ends with it.
    for (const each of below) {
      if (each.group !== pid) trySignal(-each.group, signal);
      trySignal(each.pid, signal);
    }
    signalGroup(pid, signal, leader);
    return;
  }
  // No signal from outside but SIGKILL ends process 1 of a namespace; its first child is the command.
  const [command] = below.flatMap((each) => (each.isInit ? childrenOf(each.pid).flatMap(member) : [each]));
  if (command === undefined) signalGroup(pid, signal, leader);
  else if (command.group !== pid) trySignal(-command.group, signal);
  else signalMembers(command, signal);
}

/** The command shares the wrapper's group, so its members are told one by one. */
function signalMembers(command: Member, signal: NodeJS.Signals): void {
  const inside = withDescendants(command.pid).flatMap(member);
  for (const { pid, group } of inside) if (group === command.group) trySignal(pid, signal);
}

function withDescendants(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}

function member(pid: number): readonly Member[] {
  try {
    const stat = procStatOf(pid);
    const status = readProcFile(pid, "status");
    if (stat === undefined || status === undefined) return [];
    // Its ids from the outermost namespace to its own.
    const [, ids = ""] = /^NSpid:\s+(.*)$/m.exec(status) ?? [];
    const isInit = ids.split("\t").length > 1 && ids.endsWith("\t1");
    return [{ pid, group: stat.group, isInit }];
  } catch {
    return [];
  }
}
