/** What helps, by the kinds of errors that the far script and the program that unpacks tell. */
const MEANINGS: Readonly<Record<string, (text: string) => string>> = {
  "no-node": (found) =>
    `there is no Node 22.15 or newer there${found === "" ? "" : ` (only ${found})`}; install one, where PATH, nvm, fnm, volta, mise or asdf has it, or in /usr/local or ~/.local`,
  "no-program": () =>
    "there is no holdfast in PATH there; install it there, or the package holdfast here, from which it is sent",
  cache: (folder) =>
    `${folder} there is a link, belongs to somebody else or is open to others, so that the program in it may be anybody's; remove it`,
  full: (text) =>
    `the disk there is full, and the program does not fit on it (${text}); make room, or set XDG_CACHE_HOME there`,
  write: (text) => `the program can not be written there (${text}); mend that, or set XDG_CACHE_HOME there`,
  native: (text) =>
    `the native parts of the program do not load there (${text}); a file system that is mounted noexec does that: set XDG_CACHE_HOME there to another`,
  damaged: () => "the program arrived damaged; try again",
};

/** @param text - What follows the kind, from the other side: fit to be shown. */
export function farError(kind: string, text: string): string {
  const meaning = Object.hasOwn(MEANINGS, kind) ? MEANINGS[kind] : undefined;
  return meaning?.(text) ?? `the other side says: ${kind} ${text}`;
}
