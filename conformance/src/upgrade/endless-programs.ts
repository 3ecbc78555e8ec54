/** A shell program that prints until it is told to stop, and keeps a copy of what it printed. */
export interface EndlessProgram {
  readonly kind: EndlessKind;
  /** For `/bin/sh -c`; `$OUT` is where the copy goes, `$STOP` a file that tells it to stop, `$BYTES` one with binary content. */
  readonly script: string;
  readonly tty: boolean;
  readonly isConfined: boolean;
  /** It prints what is written to it, and stops when that ends. */
  readonly echoes: boolean;
}

export const ENDLESS_KINDS = ["lines", "terminal", "echo", "flood", "confined", "late-child"] as const;
export type EndlessKind = (typeof ENDLESS_KINDS)[number];

const SAY = 'i=0; while [ $i -lt 40 ]; do echo "$NAME $n $i and so on and on"; i=$((i+1)); done';
const LINES = `n=0; while [ ! -e "$STOP" ]; do n=$((n+1)); ${SAY}; sleep 0.5; done`;
const FLOOD = 'while [ ! -e "$STOP" ]; do head -c 200000 "$BYTES"; sleep 0.7; done';

const SCRIPTS: Readonly<Record<EndlessKind, string>> = {
  lines: `{ ${LINES}; } | tee "$OUT"`,
  terminal: `stty -opost -echo; { ${LINES}; } | tee "$OUT"`,
  echo: 'tee "$OUT"',
  flood: `{ ${FLOOD}; } | tee "$OUT"`,
  confined: `{ ${LINES}; } | tee "$OUT"`,
  // What is left behind by the shell that was started goes on.
  "late-child": `{ { ${LINES}; } | tee "$OUT"; } & :`,
};

export function endlessProgram(kind: EndlessKind): EndlessProgram {
  return {
    kind,
    script: SCRIPTS[kind],
    tty: kind === "terminal",
    isConfined: kind === "confined",
    echoes: kind === "echo",
  };
}
