import type { MountProof } from "../launch-plan.ts";
import type { MakeCall } from "./stage-calls.ts";
import type { StageData, Word } from "./stage-data.ts";
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
const OPEN_HOW_BYTES = 24n;
/** The first one that is free when everything from the starter is closed. */
const PLACE_FD = 3n;

const AT_EMPTY_PATH_NO_AUTOMOUNT = 0x1800n;
const STATX_INO = 0x100n;
/** Where `struct statx` has them. */
const STATX = { attributes: 0x08n, inode: 0x20n, device: 0x88n } as const;
const STATX_ATTR_MOUNT_ROOT = 0x2000n;
/** Where `struct statfs` has its flags, on both processors. */
const STATFS_FLAGS = 0x50n;
const ST_RDONLY = 1n;
const EVERY_BIT = -1n;

const STDERR = 2n;
/** As other wrappers say that they failed themselves. */
const NOT_STARTED = 125n;
const PREFIX = "holdfast: nothing was started:";
const UNABLE = "this kernel is unable";
const REFUSED = "refused";

/** The calls that make sure of every mount, and those to which they lead where one is not as it must be. */
export interface ProofCalls {
  /** Before anything that depends on them. They need descriptor 3, and leave it free. */
  readonly checks: readonly StageCall[];
  /** After everything else: they end the program. */
  readonly refusals: readonly StageCall[];
}

/**
 * Look at every place from inside, after the last mount and before the command: no link leads there, a mount begins there,
 * and it shows the very file that was planned, or covers it. From then on nothing in this view can move it.
 */
export function proofCalls(proofs: readonly MountProof[], call: MakeCall, data: StageData): ProofCalls {
  if (proofs.length === 0) return { checks: [], refusals: [] };
  const how = data.words([O_PATH_CLOEXEC, 0n, RESOLVE_NO_SYMLINKS]);
  const nowhere = data.text("");
  const look = (offset: bigint, bits: bigint, when: StageCall["when"]): StageCall => ({
    number: LOOK,
    args: [SCRATCH + offset, bits],
    when,
  });
  const open = (path: string, otherwise: string): StageCall[] => [
    { ...call("openat2", AT_FDCWD, data.text(path), how, OPEN_HOW_BYTES), when: { result: PLACE_FD, otherwise } },
    {
      ...call("statx", PLACE_FD, nowhere, AT_EMPTY_PATH_NO_AUTOMOUNT, STATX_INO, SCRATCH),
      when: { result: 0n, otherwise },
    },
    look(STATX.attributes, STATX_ATTR_MOUNT_ROOT, { result: STATX_ATTR_MOUNT_ROOT, otherwise }),
  ];
  const close = call("close", PLACE_FD);
  const prove = ({ path, isReadOnly, shows, covers }: MountProof, index: number): StageCall[] => {
    const otherwise = wrong(index);
    return [
      ...open(path, otherwise),
      ...(shows === undefined ? [] : [look(STATX.inode, EVERY_BIT, { result: shows.inode, otherwise })]),
      ...(shows === undefined ? [] : [look(STATX.device, EVERY_BIT, { result: deviceWord(shows.device), otherwise })]),
      ...(covers === undefined ? [] : [look(STATX.device, EVERY_BIT, { result: deviceWord(covers), goTo: otherwise })]),
      ...(isReadOnly
        ? [
            { ...call("fstatfs", PLACE_FD, SCRATCH), when: { result: 0n, otherwise } },
            look(STATFS_FLAGS, ST_RDONLY, { result: ST_RDONLY, otherwise }),
          ]
        : []),
      close,
    ];
  };
  const scratch = call("mmap", SCRATCH, SCRATCH_BYTES, READ_AND_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS, NO_FILE, 0n);
  const say = (label: string, text: string): StageCall => {
    const line = Buffer.from(`${PREFIX} ${text}\n`);
    const place: Word = data.bytes(line);
    return { ...call("write", STDERR, place, BigInt(line.length)), label, when: { otherwise: REFUSED } };
  };
  return {
    checks: [
      { ...scratch, when: { result: SCRATCH, otherwise: UNABLE } },
      ...open("/", UNABLE),
      close,
      ...proofs.flatMap(prove),
    ],
    refusals: [
      say(UNABLE, "this kernel does not tell what is mounted where, as Linux 5.8 and newer do"),
      ...proofs.map(({ path }, index) =>
        say(wrong(index), `${path} is not what the command was to find there, something replaced it meanwhile`),
      ),
      { ...call("exit_group", NOT_STARTED), label: REFUSED },
    ],
  };
}

const wrong = (index: number) => `wrong ${index}`;

/** The number that `stat` tells, as the two halves of `struct statx`. */
function deviceWord(device: bigint): bigint {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffff_ff00n);
  return (minor << 32n) | major;
}
