import { endNotStarted, sayNotStarted } from "./not-started.ts";
import type { MakeCall } from "./stage-calls.ts";
import type { StageData } from "./stage-data.ts";
import type { StageCall } from "./stage-image.ts";

/** What a stage puts itself, and so the command and its descendants, under. */
export interface StageLimits {
  /** Descriptors of `cgroup.procs`, open for writing, to join and to close. */
  readonly groupFds: readonly number[];
  /** Bytes that each process may allocate. Absent: as it is. */
  readonly dataBytes?: number | undefined;
  /** Processes and threads of the user id in the sandbox, the wrapper's own one included. Absent: as it is. */
  readonly maxProcesses?: number | undefined;
}

/** The calls that set limits, and those to which they lead where one can't be set. */
export interface LimitCalls {
  /** Before anything that the limits are for. */
  readonly calls: readonly StageCall[];
  /** After everything else: they end the program. */
  readonly refusals: readonly StageCall[];
}

const THIS_PROCESS = 0n;
const RLIMIT_DATA = 2n;
const RLIMIT_NPROC = 6n;
/** The limit is a lower one already. */
const NOT_RAISED = -1n;
const UNLIMITED = "not limited";
/** `cgroup.procs` takes it for the writer itself. */
const MYSELF = "0";

/** A stage that can't set a limit ends: no command runs without the limits that it was to have. */
export function limitCalls(
  { groupFds, dataBytes, maxProcesses }: StageLimits,
  call: MakeCall,
  data: StageData,
): LimitCalls {
  const join = (fd: number): StageCall[] => [
    {
      ...call("write", BigInt(fd), data.bytes(Buffer.from(MYSELF)), BigInt(MYSELF.length)),
      when: { result: BigInt(MYSELF.length), otherwise: UNLIMITED },
    },
    call("close", BigInt(fd)),
  ];
  const limit = (resource: bigint, max: number | undefined): StageCall[] => {
    if (max === undefined) return [];
    const done = `limited ${resource}`;
    const words = data.words([BigInt(max), BigInt(max)]);
    const set = call("prlimit64", THIS_PROCESS, resource, words, 0n);
    return [
      { ...set, when: { result: 0n, goTo: done } },
      { ...set, when: { result: NOT_RAISED, otherwise: UNLIMITED } },
      { ...call("close", NOTHING), label: done },
    ];
  };
  const calls = [...groupFds.flatMap(join), ...limit(RLIMIT_DATA, dataBytes), ...limit(RLIMIT_NPROC, maxProcesses)];
  if (calls.length === 0) return { calls, refusals: [] };
  const said = sayNotStarted("the limits of the command could not be set", call, data);
  return { calls, refusals: [{ ...said, label: UNLIMITED }, endNotStarted(call)] };
}

/** No descriptor: somewhere to go on at. */
const NOTHING = -1n;
