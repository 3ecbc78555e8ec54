import { describe, expect, test } from "vitest";
import type { CommandLimitMeans, CommandLimits, GroupMeans, LimitMeans } from "../../src/index.ts";
import { narrowsNothing, plan } from "../../src/index.ts";
import { AGREES, emulateStage } from "../init/stage-emulator.ts";
import { fakeMachine } from "../support/fake-files.ts";
import {
  type Entry,
  glob,
  intentFor,
  literal,
  managed,
  ROOT_READ,
  special,
  WORKSPACE_WRITE,
} from "../support/intents.ts";
import { wordsOf } from "../support/show-plan.ts";

const [CLOSE, PRLIMIT64, WRITE] = [3, 302, 1];
const [RLIMIT_DATA, RLIMIT_NPROC] = [2n, 6n];
const BOTH: CommandLimits = { memoryBytes: 64 * 1_048_576, processes: 16 };
const RLIMITS: CommandLimitMeans = { memory: { kind: "rlimit" }, processes: { kind: "rlimit" } };
const WHOLE_DISK = managed([special("root", "write")]);
const FILES = { "/sys/fs/cgroup/memory/a": "folder", "/sys/fs/cgroup/pids": "folder" } as const;

function group(parent: string, version: 1 | 2, ...mountPoints: readonly string[]): GroupMeans {
  return {
    kind: "group",
    version,
    parent,
    mountPoints,
  };
}

const MEMORY = group("/sys/fs/cgroup/memory/a", 1, "/sys/fs/cgroup/memory");
const PIDS = group("/sys/fs/cgroup/pids", 1, "/sys/fs/cgroup/pids");

interface Asked {
  readonly permissions?: Entry;
  readonly limits?: CommandLimits | undefined;
  readonly means?: CommandLimitMeans;
  readonly uid?: number;
}

function planned(asked: Asked = {}) {
  const { permissions, limits, means, uid } = {
    permissions: managed(WORKSPACE_WRITE),
    limits: BOTH,
    means: RLIMITS,
    uid: 1000,
    ...asked,
  };
  const intent = intentFor(permissions, "/srv/app", { limits });
  return plan(intent, fakeMachine({ ...FILES, "/srv/app/a": "folder" }, { uid, limitMeans: means }));
}

/** What the stage does about limits, in order, when the kernel does as it is told. */
function stageOf(launch: ReturnType<typeof plan>) {
  const stage = launch.descriptors.find(({ fd }) => fd === 5)?.content ?? new Uint8Array();
  const { calls, memory } = emulateStage(stage, AGREES);
  return calls.flatMap(({ number, args: [first = 0n, second = 0n, third = 0n] }) => {
    if (number === PRLIMIT64) return [`limit ${second} to ${memory.word(third)}`];
    if (number === WRITE && first > 2n)
      return [`write ${Buffer.from(memory.bytes(second, Number(third)))} to ${first}`];
    return number === CLOSE && first > 7n && first < 10n ? [`close ${first}`] : [];
  });
}

describe("limits of a command", () => {
  test("of version 1 are two groups, which the command joins before anything else", () => {
    const launch = planned({ means: { memory: MEMORY, processes: PIDS } });
    expect(launch.groups).toEqual([
      {
        parent: "/sys/fs/cgroup/memory/a",
        settings: [
          { file: "memory.limit_in_bytes", value: "67108864" },
          { file: "memory.swappiness", value: "0", isOptional: true },
          { file: "memory.memsw.limit_in_bytes", value: "67108864", isOptional: true },
        ],
        procsFd: 8,
      },
      { parent: "/sys/fs/cgroup/pids", settings: [{ file: "pids.max", value: "16" }], procsFd: 9 },
    ]);
    expect(stageOf(launch)).toEqual(["write 0 to 8", "close 8", "write 0 to 9", "close 9"]);
  });

  test("of version 2 are one group, which ends as a whole when its memory is used up", () => {
    const unit = group("/sys/fs/cgroup/unit", 2, "/sys/fs/cgroup");
    const launch = planned({ means: { memory: unit, processes: unit } });
    expect(launch.groups).toEqual([
      {
        parent: "/sys/fs/cgroup/unit",
        settings: [
          { file: "memory.max", value: "67108864" },
          { file: "memory.swap.max", value: "0", isOptional: true },
          { file: "memory.oom.group", value: "1" },
          { file: "pids.max", value: "16" },
        ],
        procsFd: 8,
      },
    ]);
    expect(stageOf(launch)).toEqual(["write 0 to 8", "close 8"]);
  });

  test("without groups are limits that the stage sets on itself, with room for the wrapper's own process", () => {
    const launch = planned();
    expect(launch.groups).toBeUndefined();
    expect(stageOf(launch)).toEqual([`limit ${RLIMIT_DATA} to 67108864`, `limit ${RLIMIT_NPROC} to 17`]);
  });

  test("may be kept each in its own way", () => {
    const launch = planned({ means: { memory: { kind: "rlimit" }, processes: PIDS } });
    expect(launch.groups?.map(({ parent }) => parent)).toEqual([PIDS.parent]);
    expect(stageOf(launch)).toEqual(["write 0 to 8", "close 8", `limit ${RLIMIT_DATA} to 67108864`]);
  });

  test("take the place of the limit that every sandbox has, for that of processes only", () => {
    expect(planned({ uid: 0, limits: undefined }).maxProcesses).toBe(4_096);
    const means = { memory: MEMORY, processes: PIDS };
    expect(planned({ uid: 0, means, limits: { memoryBytes: 1_048_576 } }).maxProcesses).toBe(4_096);
    expect(planned({ uid: 0, means, limits: { processes: 5_000 } }).maxProcesses).toBeUndefined();
    expect(stageOf(planned({ limits: { memoryBytes: 1_048_576 } }))).toEqual([
      `limit ${RLIMIT_DATA} to 1048576`,
      `limit ${RLIMIT_NPROC} to 4096`,
    ]);
    expect(stageOf(planned({ means, limits: { processes: 5_000 } }))).toEqual(["write 0 to 8", "close 8"]);
  });

  test("that are not set change nothing of a launch", () => {
    const bare = intentFor(managed(WORKSPACE_WRITE), "/srv/app");
    const machine = fakeMachine({ ...FILES, "/srv/app/a": "folder" });
    expect(planned({ limits: undefined })).toEqual(plan(bare, machine));
    expect(stageOf(plan(bare, machine))).toEqual([`limit ${RLIMIT_NPROC} to 4096`]);
  });

  test("do not hold for a command that nothing confines", () => {
    expect(planned({ permissions: { type: "disabled" } })).toMatchObject({ file: "true", descriptors: [] });
    expect(planned({ permissions: { type: "disabled" } }).groups).toBeUndefined();
  });

  const none = (reason: string): LimitMeans => ({ kind: "none", reason });
  test.each([
    [
      "memory",
      { ...RLIMITS, memory: none("no: do this") },
      "the limit on memory (--command-memory) can not be kept: no: do this",
    ],
    [
      "processes",
      { ...RLIMITS, processes: none("no: do that") },
      "the limit on processes (--command-processes) can not be kept: no: do that",
    ],
  ])("that can't be kept let nothing start: %s", (_, means, message) => {
    expect(() => planned({ means })).toThrow(expect.objectContaining({ code: "unenforceable", message }));
  });

  test("let nothing start on a system that has no means for them, or where none are known", () => {
    const intent = intentFor(managed(WORKSPACE_WRITE), "/srv/app", { limits: { processes: 1 } });
    const refusal = expect.objectContaining({
      code: "unenforceable",
      message: expect.stringContaining("--command-processes"),
    });
    expect(() => plan(intent, fakeMachine(FILES, { means: { kind: "macos" } }))).toThrow(refusal);
    expect(() => plan(intent, fakeMachine(FILES))).toThrow(refusal);
  });
});

describe("what shows the groups", () => {
  const means = { memory: MEMORY, processes: PIDS };
  const shown = (permissions: Entry) => {
    const words = wordsOf(planned({ permissions, means }));
    return words.flatMap((word, index) =>
      word.startsWith("/sys/fs/cgroup") && words[index - 1] !== word ? [`${words[index - 1]} ${word}`] : [],
    );
  };

  test.each([
    ["the whole disk can be written", WHOLE_DISK],
    ["the place itself can be written", managed([ROOT_READ, literal("/sys/fs/cgroup", "write")])],
  ])("is read-only where %s", (_, permissions) => {
    expect(shown(permissions).slice(-2)).toEqual(["--ro-bind /sys/fs/cgroup/memory", "--ro-bind /sys/fs/cgroup/pids"]);
  });

  test("is read-only where a group in it can be written", () => {
    expect(shown(managed([ROOT_READ, literal("/sys/fs/cgroup/memory/a", "write")])).slice(-1)).toEqual([
      "--ro-bind /sys/fs/cgroup/memory",
    ]);
  });

  test("stays as it is where it is read-only already", () => {
    expect(shown(managed(WORKSPACE_WRITE))).toEqual([]);
  });

  test("is hidden where a part of it is", () => {
    const entries = [special("root", "write"), literal("/sys/fs/cgroup/memory/a", "deny"), glob("/nowhere/*")];
    expect(shown(managed(entries)).slice(-3)).toEqual([
      "--tmpfs /sys/fs/cgroup/memory",
      "--remount-ro /sys/fs/cgroup/memory",
      "--ro-bind /sys/fs/cgroup/pids",
    ]);
  });
});

test("a profile narrows something unless it leaves the whole disk and the network", () => {
  const of = (permissions: Entry) => narrowsNothing(intentFor(permissions, "/srv/app").context.permissions);
  expect(of({ type: "disabled" })).toBe(true);
  expect(of(managed([special("root", "write")], "enabled"))).toBe(true);
  expect(of(WHOLE_DISK)).toBe(false);
  expect(of(managed([ROOT_READ], "enabled"))).toBe(false);
});
