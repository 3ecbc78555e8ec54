import { closeSync } from "node:fs";
import { endianness } from "node:os";
import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const O_RDWR = 0o2;
const O_NOCTTY = 0o400;
const O_CLOEXEC = 0o2000000;
const TIOCSWINSZ = 0x5414;
const TCSANOW = 0;
const TERMINAL_ATTRIBUTES_BYTES = 128;
const NAME_BYTES = 128;
/** On top of the kernel's defaults, as terminal programs set it: BRKINT, IXANY, IMAXBEL, IUTF8. */
const MORE_INPUT_FLAGS = 0o2 | 0o4000 | 0o20000 | 0o40000;
/** Where these numbers hold. */
const ARCHITECTURES: readonly string[] = ["x64", "arm64"];

/** A terminal that is not used yet. */
export interface Terminal {
  /** This side's descriptor, close-on-exec. */
  readonly master: number;
  /** What the child opens. */
  readonly path: string;
}

const functions = lazily((library) => ({
  open: library.func("int posix_openpt(int flags)"),
  grant: library.func("int grantpt(int fd)"),
  unlock: library.func("int unlockpt(int fd)"),
  name: library.func("int ptsname_r(int fd, void *name, size_t size)"),
  ioctl: library.func("int ioctl(int fd, unsigned long request, void *argument)"),
  getAttributes: library.func("int tcgetattr(int fd, void *attributes)"),
  setAttributes: library.func("int tcsetattr(int fd, int when, void *attributes)"),
  errno: () => library.errno(),
}));

/** True where {@link openTerminal} works. */
export function canOpenTerminal(): boolean {
  return ARCHITECTURES.includes(process.arch) && endianness() === "LE" && functions() !== undefined;
}

/**
 * Give a terminal another size, and its foreground group a SIGWINCH, where {@link openTerminal} works.
 *
 * @param master - A descriptor of this side.
 * @throws the operating system's error with its `code`.
 */
export function resizeTerminal(master: number, columns: number, rows: number): void {
  const calls = functions();
  if (calls?.ioctl(master, TIOCSWINSZ, Uint16Array.of(rows, columns, 0, 0)) === 0) return;
  const code = calls === undefined ? "ENOSYS" : getSystemErrorName(-calls.errno());
  throw Object.assign(new Error(`the terminal could not be given another size: ${code}`), { code });
}

/**
 * Make a terminal of the given size.
 *
 * @throws the operating system's error with its `code`.
 */
export function openTerminal(columns: number, rows: number): Terminal {
  const calls = functions();
  if (calls === undefined) throw failure("ENOSYS");
  const master = calls.open(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) throw failure(getSystemErrorName(-calls.errno()));
  try {
    const name = Buffer.alloc(NAME_BYTES);
    const attributes = Buffer.alloc(TERMINAL_ATTRIBUTES_BYTES);
    const steps = [
      () => calls.grant(master),
      () => calls.unlock(master),
      () => calls.name(master, name, NAME_BYTES),
      () => calls.ioctl(master, TIOCSWINSZ, Uint16Array.of(rows, columns, 0, 0)),
      () => calls.getAttributes(master, attributes),
      () => {
        attributes.writeUInt32LE((attributes.readUInt32LE(0) | MORE_INPUT_FLAGS) >>> 0, 0);
        return calls.setAttributes(master, TCSANOW, attributes);
      },
    ];
    for (const step of steps) if (step() !== 0) throw failure(getSystemErrorName(-calls.errno()));
    return { master, path: name.toString("latin1", 0, name.indexOf(0)) };
  } catch (thrown) {
    closeSync(master);
    throw thrown;
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`no terminal could be opened: ${code}`), { code });
}
