import type { MountProof } from "../launch-plan.ts";
import { endNotStarted, sayNotStarted } from "./not-started.ts";
import type { MakeCall } from "./stage-calls.ts";
import type { StageData } from "./stage-data.ts";
import { LOOK, type StageCall } from "./stage-image.ts";

/** Where answers of the kernel are put: nothing else of the program is near. */
const SCRATCH = 0x1000_0000n;
const SCRATCH_BYTES = 4_096n;
const READ_AND_WRITE = 3n;
const MAP_PRIVATE_FIXED_ANONYMOUS = 0x32n;
const NO_FILE = -1n;

const AT_FDCWD = -100n;
const O_PATH_CLOEXEC = 0o12000000n;
const RESOLVE_NO_SYMLINKS = 4n;
const RESOLVE_BENEATH = 8n;
const OPEN_HOW_BYTES = 24n;
/** The first one that is free when everything from the starter is closed. */
const PLACE_FD = 3n;
/** Places that others are looked for in stay open at numbers from here on, one for each that lies in another. */
const FIRST_KEPT_FD = 16n;
const O_CLOEXEC = 0o2000000n;

const AT_EMPTY_PATH_NO_AUTOMOUNT = 0x1800n;
const STATX_INO = 0x100n;
/** Where `struct statx` has them. */
const STATX = { attributes: 0x08n, inode: 0x20n, device: 0x88n } as const;
const STATX_ATTR_MOUNT_ROOT = 0x2000n;
/** Where `struct statfs` has its flags, on both processors. */
const STATFS_FLAGS = 0x50n;
const ST_RDONLY = 1n;
const EVERY_BIT = -1n;

const UNABLE = "this kernel is unable";
const REFUSED = "refused";

/** The calls that make sure of every mount, and those to which they lead where one is not as it must be. */
export interface ProofCalls {
  /** Before anything that depends on them. They need descriptor 3 and those from 16 on, and leave them free. */
  readonly checks: readonly StageCall[];
  /** After everything else: they end the program. */
  readonly refusals: readonly StageCall[];
}

/**
 * Look at every place from inside, after the last mount and before the command: no link leads there, a mount begins there,
 * and it shows the very file that was planned, or covers it. From then on nothing in this view can move it.
 *
 * A place that lies in another is looked for in that one, which is held open: a whole path could lead by way of one folder
 * now and by another of the same name a moment later, each with one of the mounts.
 */
export function proofCalls(proofs: readonly MountProof[], call: MakeCall, data: StageData): ProofCalls {
  if (proofs.length === 0) return { checks: [], refusals: [] };
  const fromTop = data.words([O_PATH_CLOEXEC, 0n, RESOLVE_NO_SYMLINKS]);
  const fromPlace = data.words([O_PATH_CLOEXEC, 0n, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH]);
  const nowhere = data.text("");
  const look = (offset: bigint, bits: bigint, when: StageCall["when"]): StageCall => ({
    number: LOOK,
    args: [SCRATCH + offset, bits],
    when,
  });
  const open = (path: string, otherwise: string, within?: NestedProof): StageCall[] => [
    {
      ...(within === undefined
        ? call("openat2", AT_FDCWD, data.text(path), fromTop, OPEN_HOW_BYTES)
        : call("openat2", keptFd(within), data.text(below(within, path)), fromPlace, OPEN_HOW_BYTES)),
      when: { result: PLACE_FD, otherwise },
    },
    {
      ...call("statx", PLACE_FD, nowhere, AT_EMPTY_PATH_NO_AUTOMOUNT, STATX_INO, SCRATCH),
      when: { result: 0n, otherwise },
    },
    look(STATX.attributes, STATX_ATTR_MOUNT_ROOT, { result: STATX_ATTR_MOUNT_ROOT, otherwise }),
  ];
  const close = call("close", PLACE_FD);
  const nested = nest(proofs);
  const prove = (place: NestedProof, index: number): StageCall[] => {
    const { path, isReadOnly, shows, covers } = place.proof;
    const otherwise = wrong(index);
    return [
      ...open(path, otherwise, place.within),
      ...(shows === undefined ? [] : [look(STATX.inode, EVERY_BIT, { result: shows.inode, otherwise })]),
      ...(shows === undefined ? [] : [look(STATX.device, EVERY_BIT, { result: deviceWord(shows.device), otherwise })]),
      ...(covers === undefined ? [] : [look(STATX.device, EVERY_BIT, { result: deviceWord(covers), goTo: otherwise })]),
      ...(isReadOnly
        ? [
            { ...call("fstatfs", PLACE_FD, SCRATCH), when: { result: 0n, otherwise } },
            look(STATFS_FLAGS, ST_RDONLY, { result: ST_RDONLY, otherwise }),
          ]
        : []),
      ...(place.hasOthers
        ? [{ ...call("dup3", PLACE_FD, keptFd(place), O_CLOEXEC), when: { result: keptFd(place), otherwise } }]
        : []),
      close,
    ];
  };
  const kept = new Set(nested.filter(({ hasOthers }) => hasOthers).map(keptFd));
  const scratch = call("mmap", SCRATCH, SCRATCH_BYTES, READ_AND_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS, NO_FILE, 0n);
  const say = (label: string, reason: string): StageCall => ({
    ...sayNotStarted(reason, call, data),
    label,
    when: { otherwise: REFUSED },
  });
  return {
    checks: [
      { ...scratch, when: { result: SCRATCH, otherwise: UNABLE } },
      ...open("/", UNABLE),
      close,
      ...nested.flatMap(prove),
      ...[...kept].map((fd) => call("close", fd)),
    ],
    refusals: [
      say(UNABLE, "this kernel does not tell what is mounted where, as Linux 5.8 and newer do"),
      ...nested.map(({ proof: { path } }, index) =>
        say(wrong(index), `${path} is not what the command was to find there, something replaced it meanwhile`),
      ),
      { ...endNotStarted(call), label: REFUSED },
    ],
  };
}

function wrong(index: number) {
  return `wrong ${index}`;
}

/** A proof and the innermost other place that it lies in. */
interface NestedProof {
  readonly proof: MountProof;
  readonly within: NestedProof | undefined;
  /** How many others it lies in. */
  readonly depth: number;
  /** Others lie in it. */
  hasOthers: boolean;
}

/** Every place after the one that it lies in, and before any that lies beside it. */
function nest(proofs: readonly MountProof[]): readonly NestedProof[] {
  const nested: NestedProof[] = [];
  const around: NestedProof[] = [];
  for (const proof of [...proofs].sort(byNames)) {
    while (around.length > 0 && !proof.path.startsWith(`${around.at(-1)?.proof.path}/`)) around.pop();
    const within = around.at(-1);
    if (within !== undefined) within.hasOthers = true;
    const place = { proof, within, depth: around.length, hasOthers: false };
    nested.push(place);
    around.push(place);
  }
  return nested;
}

/** With the separator before every other character, a folder is followed by what is in it. */
function byNames({ path: one }: MountProof, { path: other }: MountProof): number {
  const [left, right] = [one.replaceAll("/", "\0"), other.replaceAll("/", "\0")];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keptFd({ depth }: NestedProof): bigint {
  return FIRST_KEPT_FD + BigInt(depth);
}

function below({ proof }: NestedProof, path: string): string {
  return path.slice(proof.path.length + 1);
}

/** The number that `stat` tells, as the two halves of `struct statx`. */
function deviceWord(device: bigint): bigint {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffff_ff00n);
  return (minor << 32n) | major;
}
