import type { PatchCase } from "./patch-case.ts";

type Files = PatchCase["files"];

const U = "*** Update File: f";
const AB: Files = { f: "a\nb\n" };
const ABC: Files = { f: "a\nb\nc\n" };
const CRLF: Files = { f: "a\r\nb\r\nc\r\n" };

/** A patch of these lines between its first and its last one. */
function patch(...lines: readonly string[]): string {
  return `*** Begin Patch\n${lines.map((line) => `${line}\n`).join("")}*** End Patch`;
}

function on(files: Files, cases: Readonly<Record<string, readonly string[]>>): readonly PatchCase[] {
  return Object.entries(cases).map(([name, lines]) => ({ name, files, patch: patch(...lines) }));
}

/** The same, for texts that are more, or less, than a patch. */
function whole(files: Files, cases: Readonly<Record<string, string>>): readonly PatchCase[] {
  return Object.entries(cases).map(([name, text]) => ({ name, files, patch: text }));
}

const ADD_X = patch("*** Add File: x", "+1");

/** What patches are made of, one thing at a time. */
export const PATCH_CORPUS: readonly PatchCase[] = [
  ...whole(AB, {
    "no text": "",
    "no patch": "hello",
    "no hunks": patch(),
    "the first line alone": "*** Begin Patch",
    "white space around markers": "  *** Begin Patch\n  *** Add File: x\n+1\n  *** End Patch  ",
    "blank lines behind it": `${ADD_X}\n\n  \n`,
    "words behind it": `${ADD_X}\nwords`,
    "words before it": `words\n${ADD_X}`,
    "two ends": `${ADD_X}\n*** End Patch`,
    "three ends": `${ADD_X}\n*** End Patch\n*** End Patch`,
    "an end in the middle": patch("*** Add File: x", "*** End Patch", "*** Add File: y"),
    "CR LF in the patch": patch(U, "@@", "-b", "+B").replaceAll("\n", "\r\n"),
    "a here-document": `<<'EOF'\n${ADD_X}\nEOF\n`,
    "a here-document in double quotes": `<<"EOF"\n${ADD_X}\nEOF`,
    "a here-document without quotes": `<<EOF\n${ADD_X}\nEOF`,
    "a here-document with other words": `<<FOO\n${ADD_X}\nFOO`,
    "a here-document of nothing": `<<EOF\n${patch()}\nEOF`,
    "a here-document without an end": "<<EOF\n*** Begin Patch\n*** Add File: x\n+1\nEOF",
  }),
  ...on(AB, {
    "an environment": ["*** Environment ID: box", "*** Add File: x", "+1"],
    "an environment without a name": ["*** Environment ID: ", "*** Add File: x"],
    "two environments": ["*** Environment ID: a", "*** Environment ID: b", "*** Add File: x"],
    "an environment too late": ["*** Add File: x", "*** Environment ID: a"],
    "no header": ["words"],
    "a blank line as header": ["", "*** Add File: x"],
    "a path of nothing": ["*** Add File: ", "+1"],
    "no space before the path": ["*** Add File:x", "+1"],
    "a path with spaces": ["*** Add File:  a b ", "+1"],
    "a path that goes up and down": ["*** Update File: ./q/../f", "@@", "-a", "+A"],
    "a path in new folders": ["*** Add File: p/q/r", "+1"],
    "a slash behind the name": ["*** Add File: q/", "+1"],
  }),
  ...on(AB, {
    "add: nothing": ["*** Add File: x"],
    "add: lines": ["*** Add File: x", "+1", "+", "+ 2"],
    "add: over a file": ["*** Add File: f", "+1"],
    "add: a line without plus": ["*** Add File: x", "1"],
    "add: a blank line": ["*** Add File: x", "+1", "", "+2"],
    "add: carriage returns": ["*** Add File: x", "+1\r", "+2\r\r", "+3\r\r\r", "+4\r5"],
    "delete: a file": ["*** Delete File: f"],
    "delete: nothing": ["*** Delete File: x"],
    "delete and add": ["*** Delete File: f", "*** Add File: f", "+1"],
    "add, update, delete": ["*** Add File: x", "+1", "*** Update File: x", "@@", "-1", "+2", "*** Delete File: x"],
    "the order of the list": [
      "*** Delete File: f",
      "*** Add File: y",
      "*** Add File: x",
      "*** Update File: y",
      "@@",
      "+1",
    ],
  }),
  ...on(ABC, {
    "update: a line": [U, "@@", "-b", "+B"],
    "update: between lines": [U, "@@", " a", "-b", "+B", " c"],
    "update: nothing": [U],
    "update: no file": ["*** Update File: x", "@@", "-b"],
    "update: no lines": [U, "@@"],
    "update: without @@": [U, "-b", "+B"],
    "update: the second without @@": [U, "-a", "+A", "*** End of File", "-b"],
    "update: two @@": [U, "@@ a", "@@ b", "-c"],
    "update: a strange line": [U, "@@", "words"],
    "update: a strange line behind others": [U, "@@", "-b", "words"],
    "update: a strange marker": [U, "@@", "-b", "*** What"],
    "update: a header where lines should be": [U, "@@", "*** Delete File: f"],
    "update: a header behind a space": [U, "@@", "-b", "  *** Delete File: f"],
    "update: twice": [U, "@@", "-a", "+A", U, "@@", "-A", "+AA"],
    "update: what is not there": [U, "@@", "-x", " b"],
    "update: a context that is not there": [U, "@@ x", "-b"],
    "update: below a context": [U, "@@ a", "-b", "+B"],
    "update: the context itself": [U, "@@ a", " a", "-b"],
    "update: blanks at the end of @@": [U, "@@  ", "-b", "+B"],
    "update: no blank behind @@": [U, "@@a", "-b"],
    "update: numbers in @@": [U, "@@ -1,2 +1,2 @@", "-b"],
    "update: in order": [U, "@@", "-a", "+A", "@@", "-c", "+C"],
    "update: out of order": [U, "@@", "-c", "+C", "@@", "-a", "+A"],
    "update: over each other": [U, "@@", " a", "-b", "+B", "@@", " b", "-c"],
    "update: added at the end": [U, "@@", "+d"],
    "update: added at the end, below a context": [U, "@@ a", "+d"],
    "update: added in two places": [U, "@@", "+d", "@@", "+e", "@@", "-b", "+B"],
    "update: blank lines as context": [U, "@@", " a", "", "-b"],
    "update: a blank line at the end": [U, "@@", "-c", "+C", ""],
    "update: blank lines at both ends": [U, "@@", "-c", "-", "+C", "+"],
    "update: a blank line in between": [U, "@@", "-c", " ", "+C"],
    "update: blank lines between places": [U, "@@", "-a", "", "", "@@", "-b"],
    "update: everything away": [U, "@@", "-a", "-b", "-c"],
    "end of file": [U, "@@", "-c", "+C", "*** End of File"],
    "end of file: not there": [U, "@@", "-b", "+B", "*** End of File"],
    "end of file: twice": [U, "@@", "-c", "*** End of File", "*** End of File"],
    "end of file: blank lines behind it": [U, "@@", "-c", "+C", "*** End of File", "", "*** Add File: x"],
    "end of file: more behind it": [U, "@@", "-c", "+C", "*** End of File", "+d"],
    "end of file: of nothing": [U, "@@", "*** End of File"],
    "end of file: at once": [U, "*** End of File"],
    "end of file: behind a space": [U, "@@", "-c", "  *** End of File"],
    "end of file: only added": [U, "@@", "+d", "*** End of File"],
    "move: a file": [U, "*** Move to: x/y", "@@", "-a", "+A"],
    "move: without changes": [U, "*** Move to: x"],
    "move: with lines that stay": [U, "*** Move to: x", "@@", " a"],
    "move: behind lines": [U, "@@", "-a", "*** Move to: x"],
    "move: to nothing": [U, "*** Move to: ", "@@", "-a"],
    "two files, the second does not fit": ["*** Update File: f", "@@", "-x"],
  }),
  ...[
    ["lines end with CR LF", CRLF],
    ["the last line has no end", { f: "a\nb" }],
    ["CR LF, and the last line has no end", { f: "a\r\nb" }],
    ["the first line ends with CR LF", { f: "a\r\nb\nc\n" }],
    ["the first line ends with LF", { f: "a\nb\r\nc\r\n" }],
    ["lines end with CR", { f: "a\rb\rc\r" }],
    ["CR CR LF", { f: "a\r\r\nb\r\n" }],
    ["blank lines at the end", { f: "a\nb\n\n\n" }],
    ["an empty file", { f: "" }],
    ["blanks at the ends of lines", { f: "a  \nb\t\nc\u3000\n" }],
    ["blanks at both ends of lines", { f: "\ta\n  b \n c\n" }],
    ["other ends of lines", { f: "a\u2028b\u000bc\u0085d\n" }],
    ["a byte order mark", { f: "\ufeffa\nb\n" }],
  ].flatMap(([name, files]) =>
    on(files as Files, {
      [`${name}: replaced`]: [U, "@@", "-b", "+B", "+BB"],
      [`${name}: first replaced`]: [U, "@@", "-a", "+A"],
      [`${name}: added`]: [U, "@@", "+z"],
      [`${name}: kept`]: [U, "@@", " a", "-b", "+B"],
      [`${name}: carriage returns in the patch`]: [U, "@@", "-b\r", "+B\r"],
    }),
  ),
  ...on(
    { f: "x – y “q” ‘s’\u00a0z\n" },
    {
      "dashes, quotes and spaces": [U, "@@", "-x - y \"q\" 's' z", "+A"],
      "dashes alone": [U, "@@", "-x - y “q” ‘s’\u00a0z", "+A"],
    },
  ),
  { name: "no UTF-8", files: { f: Uint8Array.of(0x61, 0xff, 0x0a) }, patch: patch(U, "@@", "-a") },
  { name: "a link: updated", files: { real: "a\n" }, links: { f: "real" }, patch: patch(U, "@@", "-a", "+A") },
  { name: "a link: added", files: { real: "a\n" }, links: { f: "real" }, patch: patch("*** Add File: f", "+A") },
  { name: "a link: deleted", files: { real: "a\n" }, links: { f: "real" }, patch: patch("*** Delete File: f") },
  {
    name: "a link: moved",
    files: { real: "a\n" },
    links: { f: "real" },
    patch: patch(U, "*** Move to: x", "@@", "-a", "+A"),
  },
  {
    name: "a link: moved to",
    files: { f: "a\n", real: "r\n" },
    links: { x: "real" },
    patch: patch(U, "*** Move to: x", "@@", "-a", "+A"),
  },
  { name: "a link to nothing: added", files: {}, links: { f: "new" }, patch: patch("*** Add File: f", "+A") },
  { name: "a link to nothing: updated", files: {}, links: { f: "new" }, patch: patch(U, "@@", "-a") },
  { name: "a link to nothing: deleted", files: {}, links: { f: "new" }, patch: patch("*** Delete File: f") },
  { name: "a link to a folder: deleted", files: { "d/x": "" }, links: { f: "d" }, patch: patch("*** Delete File: f") },
  { name: "a folder: added", files: { "d/x": "" }, patch: patch("*** Add File: d", "+1") },
  { name: "a folder: updated", files: { "d/x": "" }, patch: patch("*** Update File: d", "@@", "+1") },
  { name: "a folder: deleted", files: { "d/x": "" }, patch: patch("*** Delete File: d") },
  { name: "a folder: moved to", files: { f: "a\n", "d/x": "" }, patch: patch(U, "*** Move to: d", "@@", " a") },
  { name: "below a file: added", files: AB, patch: patch("*** Add File: f/x", "+1") },
  { name: "below a file: updated", files: AB, patch: patch("*** Update File: f/x", "@@", "+1") },
  { name: "below a file: deleted", files: AB, patch: patch("*** Delete File: f/x") },
  { name: "a file becomes a folder", files: AB, patch: patch("*** Delete File: f", "*** Add File: f/x", "+1") },
  {
    name: "a part of it fits",
    files: AB,
    patch: patch("*** Add File: x", "+1", U, "@@", "-z"),
    differs: "a release leaves what it did before it failed",
  },
  {
    name: "moved to itself",
    files: AB,
    patch: patch(U, "*** Move to: ./f", "@@", "-a", "+A"),
    differs: "a release writes the file and then removes it: it is lost",
  },
  {
    name: "moved to a link to itself",
    files: AB,
    links: { l: "f" },
    patch: patch(U, "*** Move to: l", "@@", "-a", "+A"),
    differs: "a release writes the file and then removes it: it is lost",
  },
];
