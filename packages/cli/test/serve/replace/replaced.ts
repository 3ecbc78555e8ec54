import { expect } from "vitest";
import { holdfast, type serve } from "../../support/cli.ts";

type Served = Pick<Awaited<ReturnType<typeof serve>>, "url">;

/** Have an executor become its program anew, and wait until that serves. */
export async function replaced({ url }: Served): Promise<void> {
  const { code, stdout, stderr } = await holdfast(["serve", "--replace", "--listen", url]);
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: `${url}\n`, stderr: "" });
}
