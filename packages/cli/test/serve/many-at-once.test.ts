import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { sharedServer } from "../support/shared-server.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("what exceeds a limit of the executor waits in order", () => {
  test("1,500 commands at once all run", { tags: "long" }, async () => {
    const { url } = await sharedServer();
    await using executor = await connect(url);
    const results = await Promise.all(numbers(1_500).map((number) => executor.run(["echo", String(number)])));
    expect(results.map(({ stdout }) => stdout)).toEqual(numbers(1_500).map((number) => `${number}\n`));
  });

  test("300 files are read and written at once, where 128 may be open", async () => {
    const { url } = await sharedServer();
    await using folder = await tempDir();
    await using executor = await connect(url);
    const file = (number: number): string => join(folder.path, String(number));
    await Promise.all(numbers(300).map((number) => writeFile(file(number), `of ${number}`)));
    await Promise.all(
      numbers(300).map(async (number) => {
        const source = executor.fs.createReadStream(file(number));
        await source.pipeTo(executor.fs.createWriteStream(`${file(number)}.copy`));
      }),
    );
    const copies = await Promise.all(numbers(300).map((number) => readFile(`${file(number)}.copy`, "utf8")));
    expect(copies).toEqual(numbers(300).map((number) => `of ${number}`));
  });
});
