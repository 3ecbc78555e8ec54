import { describe, expect, test } from "vitest";
import { holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

const ATTEMPTS = ": >inside && echo inside; : >../outside && echo outside; true";
const EXPECTED = { "read-only": [], "workspace-write": ["inside"], none: ["inside", "outside"] };

describe.skipIf(unconfinable !== undefined)(`exec --sandbox${skipped}`, () => {
  test.each(Object.entries(EXPECTED))(
    "%s, on an executor inside the process and on a remote one",
    async (policy, expected) => {
      await using server = await serve();
      for (const where of [[], ["--url", server.url]]) {
        await using folder = await ungrantedDir();
        const cwd = folder.join("w");
        await holdfast(["exec", "--", "mkdir", cwd]);
        const { stdout } = await holdfast([
          "exec",
          ...where,
          "--sandbox",
          policy,
          "--cwd",
          cwd,
          "--",
          "sh",
          "-c",
          ATTEMPTS,
        ]);
        expect(lines(stdout.toString())).toEqual(expected);
      }
    },
  );
});

describe.runIf(process.platform === "linux")("exec --sandbox on an executor that confines nothing", () => {
  test("starts nothing and says why in one line", async () => {
    await using server = await serve({ env: { PATH: "/nonexistent" } });
    const args = ["exec", "--url", server.url, "--sandbox", "read-only", "--", "/bin/echo", "ran"];
    const { code, stdout, stderr } = await holdfast(args);
    expect([code, stdout.toString()]).toEqual([255, ""]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/cannot start \/bin\/echo: .*bubblewrap .*; leave out --sandbox to run it unconfined$/),
    ]);
  });
});
