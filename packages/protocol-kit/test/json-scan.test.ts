import { describe, expect, test } from "vitest";
import { scanJson as scanWithin } from "../src/envelope/json-scan.ts";

const scanJson = (text: string) => scanWithin(text, { maxDepth: 127, maxValues: 262_144 });

/** Numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const PIECES = [
  "a",
  '"',
  "\\",
  "/",
  "\b",
  "\n",
  "é",
  "😀",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "id",
  "\u0000",
  " ",
  "\\u",
  "\\ud800",
];

class Texts {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }

  string(): string {
    return Array.from({ length: this.below(6) }, () => this.pick(PIECES)).join("");
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  value(depth: number): unknown {
    const kind = this.below(depth > 0 ? 8 : 6);
    if (kind === 0) return this.below(1e9) - 5e8;
    if (kind === 1) return this.#random() * 1e-7;
    if (kind === 2) return this.pick([true, false, null]);
    if (kind < 6) return this.string();
    if (kind === 6) return Array.from({ length: this.below(5) }, () => this.value(depth - 1));
    return Object.fromEntries(Array.from({ length: this.below(5) }, () => [this.string(), this.value(depth - 1)]));
  }

  /** JSON text of a value, with random space and with characters randomly escaped. */
  write(value: unknown): string {
    const space = () => this.pick(["", "", " ", "\n", "\t\r"]);
    const text = (part: string) =>
      JSON.stringify(part).replace(/[a-z:,{}[\]](?![^\\]*$)/g, (letter, at: number, whole: string) =>
        whole[at - 1] === "\\" || this.below(6) > 0 || /\\u?[0-9a-f]*$/.test(whole.slice(0, at))
          ? letter
          : `\\u00${letter.charCodeAt(0).toString(16)}`,
      );
    if (Array.isArray(value))
      return `[${space()}${value.map((item) => this.write(item) + space()).join(`,${space()}`)}]`;
    if (typeof value === "string") return text(value);
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const members = Object.entries(value).map(
      ([name, item]) => `${text(name)}${space()}:${space()}${this.write(item)}`,
    );
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
  }
}

describe("texts that are JSON", () => {
  test("pass when no member repeats", () => {
    const texts = new Texts(1);
    for (let round = 0; round < 20_000; round += 1) {
      const value = texts.value(4);
      const text = texts.write(value);
      expect(JSON.parse(text)).toEqual(value);
      expect(scanJson(text), text).toMatchObject({ ok: true });
    }
  });

  test("fail when any member repeats", () => {
    const texts = new Texts(2);
    let doubled = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const value = texts.value(4);
      if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
      const [name] = Object.keys(value);
      if (name === undefined) continue;
      const body = texts.write(value).trim().slice(1);
      const text = `[{${texts.write(name)}:0,${body}]`;
      JSON.parse(text);
      expect(scanJson(text), text).toEqual({ ok: false, reason: `duplicate JSON object key \`${name}\`` });
      doubled += 1;
    }
    expect(doubled).toBeGreaterThan(1_000);
  });

  test("give the number of the outermost id as it is written", () => {
    expect(scanJson('{"params":{"id":1},"x":["id",5], "id" : -12.50e3 , "y":0}')).toEqual({
      ok: true,
      rawId: "-12.50e3",
    });
    expect(scanJson('{"id":"5"}')).toEqual({ ok: true, rawId: undefined });
    expect(scanJson('[{"id":5}]')).toEqual({ ok: true, rawId: undefined });
  });
});

describe("texts that are no JSON", () => {
  test("get some answer, whatever they are", () => {
    const texts = new Texts(3);
    for (let round = 0; round < 50_000; round += 1) {
      const valid = texts.write(texts.value(3));
      const at = texts.below(valid.length + 1);
      const broken = valid.slice(0, at) + texts.pick([...PIECES, ""]) + valid.slice(at + texts.below(3));
      expect(typeof scanJson(broken).ok).toBe("boolean");
    }
  });

  test.each([
    "",
    "]",
    "}}",
    '"',
    '"\\',
    '{"a',
    '{"a"',
    '{"id":',
    '{"id":"',
    ":",
    '{"a":"\\u',
    '{"a":1 "a":2}',
    '{"\\q":1,"\\q":2}',
  ])("end for %j", (text) => {
    expect(typeof scanJson(text).ok).toBe("boolean");
  });
});

test("says no surrogate is alone exactly when all escapes pair up", () => {
  const parts = ["\\ud83d", "\\ude00", "\\u0041", "\\\\", "\\n", "a", "\\\\ud83d"];
  const texts = new Texts(4);
  for (let round = 0; round < 20_000; round += 1) {
    const text = `"${Array.from({ length: texts.below(7) }, () => texts.pick(parts)).join("")}"`;
    const parsed = JSON.parse(text) as string;
    // UTF-8 has no form for half a character, so it does not come back.
    const whole = Buffer.from(parsed, "utf8").toString("utf8") === parsed;
    expect(scanJson(text).ok, text).toBe(whole);
  }
});
