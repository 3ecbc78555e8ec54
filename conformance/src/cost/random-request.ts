import type { Random } from "../soak/random.ts";
import { sandboxContext } from "./random-profile.ts";
import { many, name, size, text } from "./random-text.ts";

/** One request of any method that an executor takes. */
export interface CostlyRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** JSON of an id in place of a number that follows the last. */
  readonly rawId?: string | undefined;
  /** Its work includes planning a sandbox. */
  readonly isConfined: boolean;
}

/** Where requests may do something. */
export interface Ground {
  /** Absolute path of a folder that may be filled and emptied. */
  readonly folder: string;
  /** Of a web server that answers everything. */
  readonly origin: string;
  /** Of a process that reads its input, and of one that does not. */
  readonly processIds: readonly [string, ...string[]];
}

type Params = Record<string, unknown>;
type Make = (random: Random, ground: Ground) => Params;

const MIB = 1_048_576;
const MOST_VALUES = 200_000;

/** Below the ground, existing or not; sometimes a text that is a path in nothing but its beginning. */
function path(random: Random, { folder }: Ground): string {
  const below = random.pick(["", "tree", "tree/d1", "file", "link", "new"]);
  const rest = random.between(0, 3) === 0 ? `/${text(random, random.pick([LONG_NAME, LONG_PATH, MIB, 12 * MIB]))}` : "";
  // Dot segments must not lead out of the ground: they are written so that they name nothing special.
  return `file://${folder}/${below}${rest.replaceAll("..", ".%2e_").replaceAll("%2e%2e", "%2e_")}`;
}
const LONG_NAME = 255;
const LONG_PATH = 4_096;

function links(random: Random) {
  return random.pick([true, false, null, undefined]);
}
function data(random: Random, most = 8 * MIB) {
  return Buffer.alloc(size(random, most), random.between(0, 255)).toString("base64");
}
function base64(random: Random) {
  return random.between(0, 9) === 0 ? text(random, 4 * MIB) : data(random);
}
function id(random: Random) {
  return text(random, random.pick([8, 8, 64, MIB]));
}

const start: Make = (random, ground) => ({
  processId: `p${random.between(0, 2 ** 31)}`,
  argv: [
    random.pick(["/bin/true", "true", "nosuch"]),
    ...many(random, random.pick([4, 4, 1_000, MOST_VALUES]), () => name(random)),
  ],
  cwd: random.between(0, 4) === 0 ? path(random, ground) : "file:///tmp",
  env: environment(random),
  tty: random.between(0, 9) === 0,
  pipeStdin: random.pick([true, false]),
  arg0: random.pick([null, null, name(random)]),
  envPolicy: random.between(0, 2) === 0 ? envPolicy(random) : null,
});

function environment(random: Random): Params {
  const most = random.pick([4, 4, 100, 1_000, MOST_VALUES / 2]);
  const variables = Object.fromEntries(many(random, most, (index) => [`V${index}`, name(random)]));
  const folders = random.pick([8, 8, 300, 30_000]);
  return { ...variables, PATH: ["/usr/bin", "/bin", ...many(random, folders, () => name(random))].join(":") };
}

const envPolicy: (random: Random) => Params = (random) => ({
  inherit: random.pick(["all", "core", "none"]),
  ignoreDefaultExcludes: random.pick([true, false]),
  exclude: many(random, random.pick([4, 1_000]), () => text(random, random.pick([16, 400]))),
  set: Object.fromEntries(many(random, random.pick([4, 1_000]), (index) => [text(random, 400) + index, ""])),
  includeOnly: many(random, random.pick([4, 1_000]), () => text(random, random.pick([16, 400]))),
});

const METHODS: Readonly<Record<string, Make>> = {
  "process/start": start,
  "process/read": (random, { processIds }) => ({
    processId: random.pick([...processIds, id(random)] as [string, ...string[]]),
    afterSeq: random.pick([null, 0, size(random, 2 ** 31), Number.MAX_SAFE_INTEGER]),
    maxBytes: random.pick([null, 0, size(random, 2 ** 31)]),
    waitMs: random.pick([null, 0, 1]),
  }),
  "process/write": (random, { processIds }) => ({
    processId: random.pick([...processIds, id(random)] as [string, ...string[]]),
    chunk: base64(random),
    writeId: id(random),
  }),
  "process/signal": (random) => ({ processId: id(random), signal: "interrupt" }),
  "process/terminate": (random) => ({ processId: id(random) }),
  "fs/readFile": (random, ground) => ({ path: path(random, ground), followSymlinks: links(random) }),
  "fs/writeFile": (random, ground) => ({
    path: path(random, ground),
    dataBase64: base64(random),
    followSymlinks: links(random),
  }),
  "fs/createDirectory": (random, ground) => ({
    path: path(random, ground),
    recursive: links(random),
    followSymlinks: links(random),
  }),
  "fs/getMetadata": (random, ground) => ({ path: path(random, ground), followSymlinks: links(random) }),
  "fs/canonicalize": (random, ground) => ({ path: path(random, ground) }),
  "fs/readDirectory": (random, ground) => ({ path: path(random, ground) }),
  "fs/walk": (random, ground) => ({
    path: path(random, ground),
    options: {
      maxDepth: size(random, 64),
      maxDirectories: 1 + size(random, 9_999),
      maxEntries: 1 + size(random, 49_999),
      followDirectorySymlinks: random.pick([true, false]),
      pruneHiddenDirectories: random.pick([true, false]),
    },
  }),
  "fs/remove": (random, ground) => ({
    path: `${path(random, ground)}/gone`,
    recursive: random.pick([true, false]),
    force: true,
    followSymlinks: links(random),
  }),
  "fs/copy": (random, ground) => ({
    sourcePath: path(random, ground),
    destinationPath: `${path(random, ground)}-copy`,
    recursive: random.pick([true, false]),
  }),
  "fs/open": (random, ground) => ({
    handleId: id(random),
    path: path(random, ground),
    mode: random.pick(["read", "write", undefined]),
  }),
  "fs/readBlock": (random) => ({ handleId: id(random), offset: size(random, 2 ** 40), len: size(random, MIB) }),
  "fs/writeBlock": (random) => ({ handleId: id(random), offset: size(random, 2 ** 40), chunk: data(random, MIB) }),
  "fs/close": (random) => ({ handleId: id(random) }),
  "fs/watchMissing": (random, ground) => ({
    watchId: size(random, 2 ** 40),
    missing: many(random, 64, () => path(random, ground).slice(0, 200_000)),
    present: random.pick([null, path(random, ground)]),
  }),
  "http/request": (random, { origin }) => ({
    method: random.pick(["GET", "POST", "HEAD", name(random)]),
    url: random.pick([origin, `${origin}/${text(random, random.pick([64, MIB]))}`, text(random, MIB)]),
    headers: many(random, random.pick([4, 4, 1_000, 60_000]), (index) => ({
      name: `x-${index}`,
      value: name(random).replaceAll("\n", ""),
      valueEnvVar: random.pick([undefined, null, "PATH"]),
    })),
    bodyBase64: random.pick([null, null, data(random)]),
    requestId: id(random),
    streamResponse: random.pick([true, false]),
    timeoutMs: 2_000,
  }),
  "environment/info": () => ({}),
  "environment/status": () => ({}),
  "environmentConfig/read": (random) => ({ cwd: text(random, MIB) }),
};

/** What receivers ignore, and still have to read. */
function ignored(random: Random): Params {
  const kind = random.pick(["none", "none", "none", "none", "wide", "objects", "names", "deep", "text", "number"]);
  if (kind === "wide") return { x: many(random, MOST_VALUES, (index) => index) };
  if (kind === "objects") return { x: many(random, MOST_VALUES / 4, (index) => ({ a: index, b: "" })) };
  if (kind === "names") return { x: Object.fromEntries(many(random, MOST_VALUES, (index) => [`n${index}`, 0])) };
  if (kind === "deep") return { x: JSON.parse(`${"[".repeat(120)}${"]".repeat(120)}`) };
  if (kind === "text") return { x: text(random, random.pick([MIB, 12 * MIB])) };
  if (kind === "number") return { x: Number(`1${"0".repeat(size(random, 300))}`) };
  return {};
}

function strangeId(random: Random): string {
  const long = size(random, random.pick([20, 4_096, 12 * MIB]));
  return random.pick([`1${"0".repeat(long)}`, `-${"9".repeat(long + 1)}`, JSON.stringify("i".repeat(long)), "1e400"]);
}

/** A request that may be right, wrong or absurd, but that an executor has to answer. */
export function randomRequest(random: Random, ground: Ground): CostlyRequest {
  const method = random.pick(Object.keys(METHODS) as [string, ...string[]]);
  const params = METHODS[method]?.(random, ground) ?? {};
  const isConfined = /^(?:fs|process\/start)/.test(method) && random.between(0, 3) === 0;
  const sandbox = isConfined ? { sandbox: sandboxContext(random, ground.folder) } : {};
  const rawId = random.between(0, 99) === 0 ? strangeId(random) : undefined;
  return { method, params: { ...params, ...ignored(random), ...sandbox }, isConfined, rawId };
}
