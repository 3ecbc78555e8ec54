/** What one look at the machine found. */
export interface Finding {
  readonly state: "ok" | "missing";
  /** What was seen, e.g. a version or a path. */
  readonly detail: string;
  /** The command that mends it; only when it is missing. */
  readonly mend?: string;
}

/** One thing that commands may need. */
export interface Check {
  readonly name: string;
  /** Nothing works without it. */
  readonly isNeeded: boolean;
  /** What it is for. */
  readonly why: string;
  look(): Promise<Finding>;
}

export function ok(detail: string): Finding {
  return { state: "ok", detail };
}

export function missing(detail: string, mend: string): Finding {
  return { state: "missing", detail, mend };
}
