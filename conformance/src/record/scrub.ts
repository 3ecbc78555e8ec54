const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const LOOPBACK_PORT = /127\.0\.0\.1:\d+/g;
const SHA256 = /sha256:[0-9a-f]{64}/g;
const MAP_MEMBERS = new Set(["env", "set"]);
const BASE64_MEMBERS = new Set(["chunk", "dataBase64", "deltaBase64", "bodyBase64", "targetBase64"]);
const NEUTRAL_TIME_MS = 1_750_000_000_000;
/** Numbers that belong to the machine and the moment. */
const NEUTRAL_NUMBERS: Readonly<Record<string, number>> = {
  createdAtMs: NEUTRAL_TIME_MS,
  modifiedAtMs: NEUTRAL_TIME_MS,
  accessedAtMs: NEUTRAL_TIME_MS,
  changedAtMs: NEUTRAL_TIME_MS,
  startedAtMs: NEUTRAL_TIME_MS,
  modifiedAtUs: NEUTRAL_TIME_MS * 1_000,
  pid: 4_242,
  uid: 1_000,
  gid: 1_000,
  port: 40_000,
};
/** The same as text. */
const NEUTRAL_TEXTS: Readonly<Record<string, string>> = { hostname: "executor", inode: "1001", device: "66305" };

/** What to look for, every occurrence of it, and what stands for it. */
export type Replacement = readonly [string | RegExp, string];

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}

/**
 * Replaces what belongs to the machine that recorded: folders, ids, ports, times, names. Equal values stay equal within
 * one scrubber, and nothing changes its type or its form.
 */
export class Scrubber {
  readonly #replacements: readonly Replacement[];
  readonly #uuids = new Map<string, string>();
  readonly #processIds = new Map<string, string>();

  constructor(replacements: readonly Replacement[]) {
    this.#replacements = replacements;
  }

  scrub(value: unknown, member = ""): unknown {
    if (typeof value === "string") return this.#scrubString(member, value);
    if (typeof value === "number") return value > 0 ? (NEUTRAL_NUMBERS[member] ?? value) : value;
    if (Array.isArray(value)) return value.map((element) => this.scrub(element));
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).map(([name, inner]) => [name, this.scrub(inner, name)] as const);
    // Releases write maps in an order that changes from run to run.
    if (MAP_MEMBERS.has(member)) members.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(members);
  }

  #scrubString(member: string, value: string): string {
    if (BASE64_MEMBERS.has(member)) return this.#scrubBase64(value);
    const neutral = NEUTRAL_TEXTS[member];
    if (neutral !== undefined) return neutral;
    if (member === "processId") return this.#scrubProcessId(value);
    return this.#scrubText(value);
  }

  /** Orchestrators draw process ids at random: five digits, later with a UUID behind them. */
  #scrubProcessId(value: string): string {
    if (!/^\d{3,}(-|$)/.test(value)) return this.#scrubText(value);
    let digits = this.#processIds.get(value);
    digits ??= String(50_001 + this.#processIds.size);
    this.#processIds.set(value, digits);
    return this.#scrubText(value.replace(/^\d+/, digits));
  }

  #scrubBase64(value: string): string {
    const bytes = Buffer.from(value, "base64");
    return isText(bytes) ? Buffer.from(this.#scrubText(bytes.toString("utf8"))).toString("base64") : value;
  }

  #scrubText(value: string): string {
    let text = value;
    for (const [from, to] of this.#replacements) text = text.replaceAll(from, to);
    return text
      .replace(UUID, (uuid) => this.#scrubUuid(uuid))
      .replace(LOOPBACK_PORT, "127.0.0.1:40000")
      .replace(SHA256, `sha256:${"0".repeat(64)}`);
  }

  /** The version digit stays: it is part of the form. */
  #scrubUuid(uuid: string): string {
    const known = this.#uuids.get(uuid);
    if (known !== undefined) return known;
    const serial = String(this.#uuids.size + 1).padStart(12, "0");
    const neutral = `00000000-0000-${uuid[14]}000-8000-${serial}`;
    this.#uuids.set(uuid, neutral);
    return neutral;
  }
}
