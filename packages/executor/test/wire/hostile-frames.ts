/** A small seeded generator: the same frames in every run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  "",
  "x",
  "\u0000",
  "\ud800",
  "file:///",
  "file:///C:/x",
  [],
  {},
  [[]],
  [null],
  { a: 1 },
];

/** Requests that change nothing on the machine, whatever is put into them. */
const REQUESTS = [
  { method: "initialize", params: { clientName: "fuzz", resumeSessionId: null } },
  { method: "environment/info", params: null },
  { method: "environment/status", params: {} },
  { method: "process/start", params: { processId: "p", argv: ["true"], cwd: "file:///", env: {}, tty: false } },
  { method: "process/read", params: { processId: "p", afterSeq: 0, maxBytes: 10, waitMs: 5 } },
  { method: "process/write", params: { processId: "p", writeId: "1", chunk: "YQ==" } },
  { method: "process/signal", params: { processId: "p", signal: "interrupt" } },
  { method: "process/terminate", params: { processId: "p" } },
  { method: "fs/getMetadata", params: { path: "file:///etc/hostname" } },
  { method: "fs/readFile", params: { path: "file:///etc/hostname", followSymlinks: true } },
  { method: "fs/canonicalize", params: { path: "file:///etc" } },
  {
    method: "fs/walk",
    params: {
      path: "file:///etc",
      options: { maxDepth: 1, maxDirectories: 3, maxEntries: 9, followDirectorySymlinks: false },
    },
  },
  { method: "fs/open", params: { handleId: "h", path: "file:///etc/hostname" } },
  { method: "fs/readBlock", params: { handleId: "h", offset: 0, len: 10 } },
  { method: "fs/close", params: { handleId: "h" } },
  { method: "fs/watchMissing", params: { watchId: 1, missing: ["file:///nowhere/x"], present: null } },
  { method: "http/request", params: { requestId: "r" } },
  { method: "no/such", params: {} },
];

function withOneMemberChanged(message: object, chance: Chance): object {
  const copy = structuredClone(message) as Record<string, unknown>;
  let target = copy;
  for (;;) {
    const keys = Object.keys(target);
    const key = chance.of([...keys, "extra"]);
    const inner = target[key];
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner) && chance.below(4) > 0) {
      target = inner as Record<string, unknown>;
      continue;
    }
    // The program stays `true`: its arguments may be anything, it may not.
    if (key === "argv") target[key] = chance.of([[], [""], ["true", "x"], "true", [1], null]);
    else if (chance.below(5) === 0) delete target[key];
    else target[key] = chance.of(VALUES);
    return copy;
  }
}

function damaged(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  const cut = text.slice(0, at);
  return chance.of([
    cut,
    `${cut}${text.slice(at + 1)}`,
    `${cut}"${text.slice(at)}`,
    `${text}${text}`,
    `\ufeff${text}`,
    `[${text}]`,
  ]);
}

function noise(chance: Chance): Buffer {
  return Buffer.from(Array.from({ length: chance.below(64) }, () => chance.below(256)));
}

/** One frame: text or bytes, well-formed or not. Damaged ones no longer name a method that could do harm. */
export function hostileFrame(chance: Chance, id: number): string | Buffer {
  const kind = chance.below(10);
  if (kind === 0) return noise(chance);
  if (kind === 1) return JSON.stringify(chance.of(VALUES));
  const request = { id: chance.below(8) === 0 ? chance.of(VALUES) : id, ...chance.of(REQUESTS) };
  const text = JSON.stringify(kind < 7 ? withOneMemberChanged(request, chance) : request);
  return kind === 2 ? damaged(text, chance) : text;
}
