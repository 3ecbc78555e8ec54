import { describe, expect, test } from "vitest";
import type { MountProof } from "../../src/index.ts";
import { initImage } from "../../src/init/init-image.ts";
import { kernelWith, ROOT, type SeenPlace } from "./agreeing-kernel.ts";
import { emulateStage } from "./stage-emulator.ts";

const SHOWN: MountProof = {
  path: "/srv/ws",
  isReadOnly: false,
  shows: { device: 0x12_3456_78n, inode: (5n << 32n) | 7n },
};
const READ_ONLY: MountProof = { ...SHOWN, path: "/srv/ws/.git", isReadOnly: true };
const COVERED: MountProof = { path: "/srv/ws/.codex", isReadOnly: true, covers: 0x801n };
const CLOSE = { x64: 3, arm64: 57 } as const;
const EXECVE = { x64: 59, arm64: 221 } as const;
const EXIT = { x64: 231, arm64: 94 } as const;

/** Device 0x12345678 as `stat` packs it: major 0x456, minor 0x12378. */
const THERE: SeenPlace = {
  inode: (5n << 32n) | 7n,
  device: [0x456, 0x12_378],
  isMountRoot: true,
  isReadOnly: false,
};

const PLACES: Readonly<Record<string, SeenPlace>> = {
  "/": ROOT,
  "/srv/ws": THERE,
  "/srv/ws/.git": { ...THERE, isReadOnly: true },
  "/srv/ws/.codex": { inode: 1n, device: [0, 42], isMountRoot: true, isReadOnly: true },
};

describe.each(["x64", "arm64"] as const)("before the command the stage on %s", (arch) => {
  function outcome(changed: Readonly<Record<string, Partial<SeenPlace> | undefined>>) {
    const seen = (path: string) => {
      const change = path in changed ? changed[path] : {};
      const place = PLACES[path];
      return change === undefined || place === undefined ? undefined : { ...place, ...change };
    };
    const stage = { arch, argv: ["/bin/x"], env: {}, ports: [], channelFd: 6, proofs: [SHOWN, READ_ONLY, COVERED] };
    const { calls, memory } = emulateStage(initImage(stage), kernelWith(arch, seen));
    const hasStarted = calls.some(({ number }) => number === EXECVE[arch]);
    const [write, exit] = calls.slice(-2);
    if (hasStarted) return { hasStarted, closes: calls.filter(({ number }) => number === CLOSE[arch]).length };
    const text = Buffer.from(memory.bytes(write?.args[1] ?? 0n, Number(write?.args[2]))).toString();
    expect(exit).toMatchObject({ number: EXIT[arch], args: expect.arrayContaining([125n]) });
    return { hasStarted, text };
  }

  test("makes sure of every place, and keeps none of them open", () => {
    // Of the descriptors from its starter, four; of what it looks at, three places and the root; and the folder of two of them.
    expect(outcome({})).toEqual({ hasStarted: true, closes: 4 + 4 + 1 });
  });

  test.each<[string, string, Partial<SeenPlace> | undefined]>([
    ["a link, or nothing", "/srv/ws", undefined],
    ["another file", "/srv/ws", { inode: 7n }],
    ["a file of another disk", "/srv/ws", { device: [0x456, 0x12_379] }],
    ["a file of another kind of disk", "/srv/ws", { device: [0x457, 0x12_378] }],
    ["no mount", "/srv/ws", { isMountRoot: false }],
    ["a mount that can be written", "/srv/ws/.git", { isReadOnly: false }],
    ["what should be covered", "/srv/ws/.codex", { device: [8, 1] }],
    ["a cover that can be written", "/srv/ws/.codex", { isReadOnly: false }],
    ["no cover", "/srv/ws/.codex", { isMountRoot: false }],
  ])("starts nothing where there is %s, and says where", (_, path, change) => {
    const text = `holdfast: nothing was started: ${path} is not what the command was to find there, something replaced it meanwhile\n`;
    expect(outcome({ [path]: change })).toEqual({ hasStarted: false, text });
  });

  test.each<[string, Partial<SeenPlace> | undefined]>([
    ["can not open a path over no link", undefined],
    ["does not know where mounts begin", { isMountRoot: false }],
  ])("starts nothing on a kernel that %s, and says so", (_, change) => {
    const text =
      "holdfast: nothing was started: this kernel does not tell what is mounted where, as Linux 5.8 and newer do\n";
    expect(outcome({ "/": change })).toEqual({ hasStarted: false, text });
  });
});
