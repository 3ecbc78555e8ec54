import { errorNameIn } from "../filesystem/system-texts.ts";

/** Names of errors by their number on Linux. */
const LINUX: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  7: "E2BIG",
  8: "ENOEXEC",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  16: "EBUSY",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  26: "ETXTBSY",
  27: "EFBIG",
  28: "ENOSPC",
  29: "ESPIPE",
  30: "EROFS",
  31: "EMLINK",
  32: "EPIPE",
  36: "ENAMETOOLONG",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  95: "EOPNOTSUPP",
  116: "ESTALE",
  122: "EDQUOT",
};

/** The last number that is the same on macOS. */
const SHARED_MAX = 34;

/** Those that differ on macOS. */
const MACOS: Readonly<Record<number, string>> = {
  11: "EDEADLK",
  35: "EAGAIN",
  45: "ENOTSUP",
  62: "ELOOP",
  63: "ENAMETOOLONG",
  66: "ENOTEMPTY",
  69: "EDQUOT",
  70: "ESTALE",
  78: "ENOSYS",
};

/** Windows' own numbers, by the name that Node has for them. */
const WINDOWS: Readonly<Record<number, string>> = {
  2: "ENOENT",
  3: "ENOENT",
  4: "EMFILE",
  5: "EACCES",
  8: "ENOMEM",
  17: "EXDEV",
  19: "EROFS",
  32: "EBUSY",
  33: "EBUSY",
  80: "EEXIST",
  87: "EINVAL",
  112: "ENOSPC",
  123: "EINVAL",
  145: "ENOTEMPTY",
  183: "EEXIST",
  193: "ENOEXEC",
  206: "ENAMETOOLONG",
  267: "ENOTDIR",
};

const NUMBERED = / ?\(os error (\d+)\)/;

/** What the system of an executor said about a refusal. */
export interface SystemError {
  /** Its name, such as `ENOENT`. */
  readonly code: string;
  /** Its words, without the number. */
  readonly words: string;
}

/**
 * Read the system's error out of the words of a refusal, as executors that send no data for programs have it there.
 *
 * @param platformOs - Of the executor; undefined counts as `linux`.
 * @returns undefined when there is none in them.
 */
export function systemErrorIn(text: string, platformOs: string | undefined): SystemError | undefined {
  const numbered = NUMBERED.exec(text);
  if (numbered !== null) {
    const code = nameOf(Number(numbered[1]), platformOs);
    return code === undefined ? undefined : { code, words: text.replace(NUMBERED, "") };
  }
  const named = errorNameIn(text);
  return named === undefined ? undefined : { code: named.code, words: text };
}

function nameOf(number: number, platformOs: string | undefined): string | undefined {
  if (platformOs === "windows") return WINDOWS[number];
  if (platformOs === "macos") return MACOS[number] ?? (number <= SHARED_MAX ? LINUX[number] : undefined);
  return LINUX[number];
}

/** Words as they stand after a colon: `no such file or directory`. Abbreviations stay as they are. */
export function inSentence(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? `${words.charAt(0).toLowerCase()}${words.slice(1)}` : words;
}
