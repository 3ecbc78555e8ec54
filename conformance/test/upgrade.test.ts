import { describe, expect, test } from "vitest";
import { startHoldfastExecutor } from "../src/holdfast-executor.ts";
import { UsageError } from "../src/options.ts";
import { temporaryFolder } from "../src/places.ts";
import { parseUpgradeOptions } from "../src/upgrade/options.ts";
import { upgrade } from "../src/upgrade/upgrade.ts";

describe("the options of upgrade", () => {
  test("are fifty times under two hundred processes where nothing is said", () => {
    expect(parseUpgradeOptions([])).toEqual({ times: 50, processes: 200, releases: [], help: false });
    expect(parseUpgradeOptions(["--times", "3", "--releases", "0.169.0,0.171.0"])).toMatchObject({
      times: 3,
      releases: ["0.169.0", "0.171.0"],
    });
  });

  test("are refused when they are none", () => {
    expect(() => parseUpgradeOptions(["--times", "many"])).toThrow(UsageError);
    expect(() => parseUpgradeOptions(["--often"])).toThrow(UsageError);
  });
});

test.skipIf(process.platform !== "linux")(
  "no byte is lost and no process ends when an executor is replaced three times under twenty that print, echo and are confined",
  { timeout: 180_000, tags: "long" },
  async () => {
    await using folder = await temporaryFolder();
    const env = { ...process.env, XDG_RUNTIME_DIR: folder.path };
    await using served = await startHoldfastExecutor(folder.path, { env });
    const result = await upgrade(served, folder.path, env, { times: 3, processes: 20 });
    expect(result.failures).toEqual([]);
    expect(result.pausesMs.length).toBeGreaterThanOrEqual(3);
    expect(result.receivedBytes).toBeGreaterThan(1_000_000);
  },
);
