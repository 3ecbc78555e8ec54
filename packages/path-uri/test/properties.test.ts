import {
  ancestors,
  childOfPosixDirectory,
  join,
  joinDescendant,
  legacyAppPathFromUri,
  legacyAppPathToUri,
  type PathUri,
  parent,
  parsePathUri,
  pathUriFromNative,
  pathUriFromNativeBytes,
  pathUrisEqual,
  relativePathFrom,
  startsWith,
  toNativeBytes,
  toNativePath,
  tryParsePathUri,
} from "@holdfast/path-uri";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const byte = fc.oneof(fc.constantFrom(0x2f, 0x2e, 0x25, 0x43, 0x3a, 0x5c, 0xff), fc.integer({ min: 1, max: 255 }));
const posixBytes = fc.array(byte, { maxLength: 24 }).map((rest) => Uint8Array.of(0x2f, ...rest));
const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 8 })
  .filter((text) => !/[/\\\0:]|\p{Surrogate}/u.test(text) && text !== "." && text !== "..");
const names = fc.array(name, { maxLength: 5 });
const uriPiece = fc.constantFrom(
  "/",
  "/",
  "\\",
  "..",
  ".",
  "%2e",
  "c:",
  "c|",
  "%2F",
  "%5C",
  "%zz",
  "a",
  "B",
  "ü",
  "%ff",
  "h",
  " ",
  "%00",
  "?",
  "C%3A",
);
const looseText = fc
  .tuple(
    fc.constantFrom("file:", "file:/", "file://", "file:///", "file://h/", ""),
    fc.array(uriPiece, { maxLength: 10 }),
  )
  .map(([start, pieces]) => start + pieces.join(""));
const uri: fc.Arbitrary<PathUri> = looseText
  .map((text) => tryParsePathUri(text))
  .filter((result) => result.ok)
  .map((result) => result.uri);

function normalized(path: Uint8Array): Uint8Array {
  const kept: string[] = [];
  for (const part of Buffer.from(path).toString("latin1").split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return new Uint8Array(Buffer.from(`/${kept.join("/")}`, "latin1"));
}

describe("for every path", () => {
  test("POSIX bytes without NUL come back normalized, and nothing else changes", () => {
    fc.assert(
      fc.property(posixBytes, (native) => {
        const made = pathUriFromNativeBytes(native);
        expect(parsePathUri(made)).toBe(made);
        expect(toNativeBytes(made)).toEqual(normalized(native));
        expect(pathUriFromNativeBytes(toNativeBytes(made))).toBe(
          made.replace(/(.)\/$/, (whole, last) => (last === "/" ? whole : last)),
        );
      }),
    );
  });

  test("Windows paths come back in one spelling", () => {
    fc.assert(
      fc.property(fc.constantFrom("C:", "\\\\host\\share"), names, (anchor, parts) => {
        const native = [anchor, ...parts].join("\\") + (parts.length === 0 && anchor === "C:" ? "\\" : "");
        const made = pathUriFromNative(native, "windows");
        expect(parsePathUri(made)).toBe(made);
        expect(toNativePath(made, "windows")).toBe(native);
        expect(legacyAppPathToUri(legacyAppPathFromUri(made, "windows"))).toBe(made);
      }),
    );
  });

  test("canonical text parses to itself", () => {
    fc.assert(
      fc.property(uri, (parsed) => {
        expect(parsePathUri(parsed)).toBe(parsed);
      }),
      { numRuns: 1000 },
    );
  });

  test("parsing gives a result or a PathUriError, never anything else", () => {
    fc.assert(
      fc.property(fc.oneof(looseText, fc.string({ unit: "binary" })), (text) => {
        expect(typeof tryParsePathUri(text).ok).toBe("boolean");
      }),
    );
  });
});

describe("for every join", () => {
  const base = fc
    .tuple(fc.constantFrom("file:///", "file:///C:/", "file://h/s"), names)
    .map(([start, parts]) => join(parsePathUri(start), parts.join("/")));

  test("the parent of a joined name is the base", () => {
    fc.assert(
      fc.property(base, name, (start, text) => {
        const joined = join(start, text);
        expect(parent(joined)).toBe(start);
        expect(relativePathFrom(joined, start)).toBe(text);
        expect(join(joined, "..")).toBe(start);
      }),
    );
  });

  test("joinDescendant never leaves the base", () => {
    const loose = fc.array(fc.constantFrom("..", ".", "a", "/", "\\", "C:", "%2F", "\0"), { maxLength: 6 });
    fc.assert(
      fc.property(base, loose, (start, parts) => {
        let joined: PathUri;
        try {
          joined = joinDescendant(start, parts.join("/"));
        } catch {
          return;
        }
        expect(startsWith(joined, start)).toBe(true);
      }),
    );
  });
});

describe("startsWith", () => {
  test("holds for itself and for every ancestor of a path without encoded separators", () => {
    fc.assert(
      fc.property(uri, (parsed) => {
        expect(startsWith(parsed, parsed)).toBe(true);
        fc.pre(!/%2f|%5c|%00/i.test(parsed));
        for (const ancestor of ancestors(parsed)) expect(startsWith(parsed, ancestor)).toBe(true);
      }),
    );
  });

  test("is transitive", () => {
    fc.assert(
      fc.property(uri, uri, uri, (a, b, c) => {
        if (startsWith(a, b) && startsWith(b, c)) expect(startsWith(a, c)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("agrees with native paths: what lies below by URI lies below on the system", () => {
    fc.assert(
      fc.property(uri, uri, (a, b) => {
        fc.pre(a.startsWith("file:///") && b.startsWith("file:///") && startsWith(a, b));
        fc.pre(!/^file:\/\/\/(?:[A-Za-z](?::|%3a)|%00)/i.test(a));
        const below = Buffer.from(toNativeBytes(a)).toString("latin1");
        const above = Buffer.from(toNativeBytes(b)).toString("latin1");
        expect(`${below}/`.startsWith(above === "/" ? "/" : `${above}/`)).toBe(true);
      }),
    );
  });

  test("does not tell equal paths apart", () => {
    fc.assert(
      fc.property(uri, uri, (a, b) => {
        if (pathUrisEqual(a, b)) expect(startsWith(a, b) && startsWith(b, a)).toBe(true);
      }),
    );
  });
});

describe("childOfPosixDirectory", () => {
  const nativeName = fc
    .array(byte, { minLength: 1, maxLength: 12 })
    .map((bytes) => Buffer.from(bytes).toString("latin1"))
    .filter((text) => !text.includes("/") && text !== "." && text !== "..");

  test("spells a name as the whole path would be spelled, wherever the directory lies", () => {
    const directory = fc.oneof(fc.constantFrom("/", "/c:", "/c:/x"), posixBytes);
    fc.assert(
      fc.property(directory, nativeName, (path, text) => {
        const native = typeof path === "string" ? Buffer.from(path) : normalized(path);
        const whole = Buffer.concat([native, Buffer.from(`/${text}`, "latin1")]);
        expect(childOfPosixDirectory(pathUriFromNativeBytes(native), text)).toBe(pathUriFromNativeBytes(whole));
      }),
      { numRuns: 1000 },
    );
  });

  test("refuses an opaque directory that names no POSIX path", () => {
    const opaque = pathUriFromNative("\\\\.\\pipe\\x", "windows");
    expect(() => childOfPosixDirectory(opaque, "a")).toThrow("names no POSIX directory");
  });
});

describe("shortcuts for plain text", () => {
  const plainName = fc.constantFrom("a", "ab", "b", "c:", "..", ".", "...", ".a", "~x", "%", "ü", "");
  const path = fc.array(plainName, { maxLength: 5 }).map((parts) => `/${parts.join("/")}`);

  test("startsWith answers as a comparison of all decoded names does", () => {
    const posixUri = path.map((text) => pathUriFromNative(text, "posix")).filter((made) => !made.includes("%00"));
    fc.assert(
      fc.property(posixUri, posixUri, (a, b) => {
        const namesOf = (made: PathUri) => toNativePath(made, "posix").split("/").filter(Boolean);
        const above = namesOf(b);
        const below = namesOf(a).slice(0, above.length);
        expect(startsWith(a, b)).toBe(below.join("/") === above.join("/"));
      }),
      { numRuns: 2000 },
    );
  });

  test("a path of plain names comes back with its dots resolved", () => {
    fc.assert(
      fc.property(path, (text) => {
        const native = Buffer.from(text);
        expect(toNativeBytes(pathUriFromNativeBytes(native))).toEqual(normalized(native));
      }),
      { numRuns: 2000 },
    );
  });
});
