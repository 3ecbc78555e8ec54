import { describe, expect, test } from "vitest";
import { spoolOptions } from "../../src/serve/spool-options.ts";

describe("--spool and --spool-limit", () => {
  test("spool nowhere when absent", () => {
    expect(spoolOptions(undefined, undefined, { cwd: "/" })).toBeUndefined();
  });

  test.each([
    [undefined, 1_073_741_824],
    ["1048576", 1_048_576],
    ["2048K", 2_097_152],
    ["512m", 536_870_912],
    ["3G", 3_221_225_472],
  ])("limit of %s is %d bytes", (limit, maxBytesPerProcess) => {
    expect(spoolOptions("spool", limit, { cwd: "/srv/app" })).toEqual({
      directory: "/srv/app/spool",
      maxBytesPerProcess,
    });
  });

  test.each(["", "1", "1048575", "-1", "1.5G", "1T", "G", "1 G", "0x100000", "9".repeat(40)])(
    "refuse '%s'",
    (limit) => {
      expect(() => spoolOptions("/spool", limit, { cwd: "/" })).toThrow(
        /^--spool-limit must be a number of bytes from 1048576 on/,
      );
    },
  );

  test("refuse a limit without a folder, and a folder without a name", () => {
    expect(() => spoolOptions(undefined, "1G", { cwd: "/" })).toThrow("add --spool DIR");
    expect(() => spoolOptions("", undefined, { cwd: "/" })).toThrow("--spool must name a folder");
  });
});
