/** How our cell compares with the reference's. `unexplained` and `weaker` are failures. */
export type Comparison = "equal" | "stricter" | "weaker" | "unexplained";

/** A cell where this implementation allows less, or says it in another way, on purpose. */
interface Difference {
  readonly rows: RegExp;
  readonly columns: RegExp;
  /** Our answer. */
  readonly ours: RegExp;
  readonly reason: string;
}

const FULL_WRITE = /^(fullw|unrestricted|external)$/;

const DIFFERENCES: readonly Difference[] = [
  {
    rows: /^create beside the playground$/,
    columns: /^min$/,
    ours: /^EROFS$/,
    reason: "the private root is sealed: a write that would be lost is refused",
  },
  {
    rows: /^interfaces in/,
    columns: FULL_WRITE,
    ours: /^lo$/,
    reason: "a closed network is a network namespace here too, not a filter alone",
  },
  {
    rows: /^setuid/,
    columns: FULL_WRITE,
    ours: /^EINVAL$/,
    reason: "the namespace that closes the network knows one user only",
  },
  {
    rows: /^(signal 0 to a host pid|host pid in)/,
    columns: FULL_WRITE,
    ours: /^(ESRCH|no)$/,
    reason: "a command whose network is closed has a process namespace of its own, so that no other process opens it",
  },
  {
    rows: /^(socket\(AF_VSOCK\)|io_uring_setup)$/,
    columns: /^(ro|ww)\+n$/,
    ours: /^EPERM$/,
    reason: "releases before 0.150 install no filter when the network is open",
  },
  {
    rows: /^unshare\(CLONE_NEWUSER\)$/,
    columns: /^(?!open$)/,
    ours: /^(ENOSPC|EPERM)$/,
    reason: "a user namespace of one's own opens parts of the kernel to attacks that nothing else here needs",
  },
  {
    rows: /^own unix socket$/,
    columns: /^ro$/,
    ours: /^EROFS$/,
    reason:
      "a name may be bound where a file may be made: what connects there is never answered, and nobody inside can",
  },
  {
    rows: /^list a$/,
    columns: /^carve$/,
    ours: /EACCES$/,
    reason: "releases before 0.150 leave root its capabilities",
  },
];

/** Cells where the reference lets something through that the profile does not say. */
const LEAKS: readonly { readonly rows: RegExp; readonly columns: RegExp; readonly leak: string }[] = [
  {
    rows: /through hard link out$/,
    columns: /^(ww|ww\+n|carve|min)$/,
    leak: "a file outside changes through a hard link that was there before",
  },
  {
    rows: /^connect to host socket$/,
    columns: /^(ro|ww)\+n$/,
    leak: "network access reaches unix sockets of the host, such as a container engine's",
  },
  {
    rows: /^host pid in|^signal 0/,
    columns: FULL_WRITE,
    leak: "processes of the host are visible and can be signalled",
  },
  {
    rows: /^interfaces in/,
    columns: FULL_WRITE,
    leak: "the host's interfaces stay visible although the network is closed",
  },
  {
    rows: /^(ptrace|process_vm_readv)$/,
    columns: /^(ro|ww)\+n$/,
    leak: "with network access processes may look into each other's memory",
  },
  {
    rows: /^create beside the playground$/,
    columns: /^min$/,
    leak: "a file that was written without an error is gone afterwards",
  },
];

const SUCCESSES = new Set(["ok", "yes", "all", "lost"]);

export interface CellVerdict {
  readonly comparison: Comparison;
  readonly reason?: string;
}

/** Compare two answers to the same attempt. */
export function compare(row: string, column: string, ours: string, theirs: string): CellVerdict {
  if (ours === theirs) return { comparison: "equal" };
  if (SUCCESSES.has(ours) && !SUCCESSES.has(theirs)) return { comparison: "weaker" };
  const known = DIFFERENCES.find(
    (entry) => entry.rows.test(row) && entry.columns.test(column) && entry.ours.test(ours),
  );
  return known === undefined ? { comparison: "unexplained" } : { comparison: "stricter", reason: known.reason };
}

/** What a cell lets through although the profile does not say so; undefined when it is fine. */
export function leakIn(row: string, column: string, answer: string): string | undefined {
  return SUCCESSES.has(answer)
    ? LEAKS.find((entry) => entry.rows.test(row) && entry.columns.test(column))?.leak
    : undefined;
}
