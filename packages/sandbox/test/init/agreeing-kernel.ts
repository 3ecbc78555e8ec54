import type { Answer } from "./stage-emulator.ts";

/** What a kernel says of one place. */
export interface SeenPlace {
  readonly inode: bigint;
  /** Major and minor number. */
  readonly device: readonly [number, number];
  readonly isMountRoot: boolean;
  readonly isReadOnly: boolean;
}

const CALLS = {
  x64: { mmap: 9, fstatfs: 138, dup3: 292, statx: 332, openat2: 437 },
  arm64: { mmap: 222, fstatfs: 44, dup3: 24, statx: 291, openat2: 437 },
} as const;

/** Answers of a kernel that has these places; a path that it does not have is refused. Everything else succeeds. */
export function kernelWith(
  arch: "x64" | "arm64",
  seen: (path: string) => SeenPlace | undefined,
  otherwise: Answer = () => 0n,
): Answer {
  const numbers = CALLS[arch];
  let open: SeenPlace | undefined;
  let path = "";
  const kept = new Map<bigint, string>();
  return (call, memory) => {
    const [first = 0n, second = 0n] = call.args;
    switch (call.number) {
      case numbers.mmap:
        return first;
      case numbers.openat2: {
        const folder = kept.get(first);
        path = folder === undefined ? memory.text(second) : `${folder}/${memory.text(second)}`;
        open = seen(path);
        return open === undefined ? -40n : 3n;
      }
      case numbers.dup3:
        kept.set(second, path);
        return second;
      case numbers.statx: {
        const buffer = call.args[4] ?? 0n;
        memory.put(buffer + 0x08n, open?.isMountRoot === true ? 0x2010n : 0x10n);
        memory.put(buffer + 0x20n, open?.inode ?? 0n);
        const [major, minor] = open?.device ?? [0, 0];
        memory.put(buffer + 0x88n, (BigInt(minor) << 32n) | BigInt(major));
        return 0n;
      }
      case numbers.fstatfs:
        memory.put(second + 0x50n, open?.isReadOnly === true ? 0x21n : 0x20n);
        return 0n;
      default:
        return otherwise(call, memory);
    }
  };
}

export const ROOT: SeenPlace = { inode: 2n, device: [8, 1], isMountRoot: true, isReadOnly: true };
