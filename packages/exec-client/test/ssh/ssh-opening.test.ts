import type { Opening } from "@holdfast/rpc/stdio";
import { expect, test } from "vitest";
import { openSsh } from "../../src/ssh/ssh-opening.ts";
import type { FarPlatform, FarProgram } from "../../src/ssh/ssh-target.ts";

/** Says these lines, and then nothing more. */
function farEnd(lines: readonly string[]) {
  const left = lines.values();
  const asked: FarPlatform[] = [];
  const program: FarProgram = {
    version: "0.1.0",
    build: "0.1.0-abc",
    isWholeFor: ({ arch }) => arch === "x64",
    pack: async (platform) => {
      asked.push(platform);
      return Buffer.from("packed");
    },
  };
  const sent: Uint8Array[] = [];
  const talk: Opening = {
    line: async () => left.next().value,
    write: async (bytes) => void sent.push(bytes),
  };
  const opened = openSsh(talk, { marker: "M", program, timer: { restart: () => {} } });
  return { opened, asked, sent: () => Buffer.concat(sent).toString() };
}

test("the program is sent for the machine that asks for it", async () => {
  const { opened, asked, sent } = farEnd(["Welcome", "M need linux,x64,1", "M ready"]);
  await opened;
  expect(asked).toEqual([{ platform: "linux", arch: "x64", libc: "glibc" }]);
  expect(sent()).toMatch(/^[A-Za-z0-9+/=]+\npacked$/);
});

test("a machine without native parts here is sent the rest, and only if it has not got it", async () => {
  const first = farEnd(["M need linux,arm64,1", "M ready"]);
  await first.opened;
  expect(first.asked).toEqual([{ platform: "linux", arch: "arm64", libc: "glibc" }]);
  const [installer = ""] = first.sent().split("\n");
  expect(atob(installer)).toContain('"isPlain":true');

  const again = farEnd(["M need linux,arm64,1 plain", "M ready"]);
  await again.opened;
  expect([again.asked, again.sent()]).toEqual([[], "plain\n"]);

  // Its parts have been installed here since.
  const whole = farEnd(["M need linux,x64,1 plain", "M ready"]);
  await whole.opened;
  expect(whole.asked).toEqual([{ platform: "linux", arch: "x64", libc: "glibc" }]);
  expect(atob(whole.sent().split("\n")[0] ?? "")).toContain('"isPlain":false');
});

test.each(["x,/../../../../home/me/project,1", "..,x64,1", "linux,x64/../../..,1", "LINUX,x64,1", "linux,,1", ""])(
  "nothing is packed for a machine that says that it is '%s'",
  async (said) => {
    const { opened, asked, sent } = farEnd([`M need ${said}`, "M ready"]);
    await expect(opened).rejects.toMatchObject({
      name: "FinalRefusal",
      message: `the other side says that it is "${said}", and there is no such kind of machine`,
    });
    expect([asked, sent()]).toEqual([[], ""]);
  },
);

test("the program is sent once, however often it is asked for", async () => {
  const { opened, asked } = farEnd(Array(100).fill("M need linux,x64,1"));
  await expect(opened).rejects.toThrow("the other side asks for the program again, having got it");
  expect(asked.length).toBe(1);
});

test("what the other side tells is shown without what acts on a terminal, and cut", async () => {
  const { opened } = farEnd([`M error write \u001b[31mno\u001b[0m\u0007 \u202eway ${"x".repeat(60_000)}`]);
  const error = await opened.catch((thrown: unknown) => thrown);
  expect((error as Error).message).toMatch(/^the program can not be written there \(no way x{900,1024}\); mend that/);
});

test.each(["constructor", "toString", "__proto__", "no-such-kind"])(
  "an error of the kind %s is told as it is",
  async (kind) => {
    const { opened } = farEnd([`M error ${kind} text`]);
    await expect(opened).rejects.toMatchObject({ message: `the other side says: ${kind} text` });
  },
);

test("lines of nobody's have an end, empty ones too", async () => {
  const { opened } = farEnd(Array(300_000).fill(""));
  await expect(opened).rejects.toThrow("the login there prints more than 262144 bytes");
});
