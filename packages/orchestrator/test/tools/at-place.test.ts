import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { atPlace } from "../../src/tools/files/at-place.ts";
import { FILE_CALL_MAX_MS } from "../../src/tools/files/limits.ts";
import { toolPlace } from "../support/tool-place.ts";

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

describe("a call at a place", () => {
  test("is given up before MCP clients give it up, and says that it may have happened", async () => {
    await using at = await toolPlace();
    const clock = new FakeClock();
    const call = atPlace(at.places, {}, {}, ({ call: { signal } }) => untilAborted(signal), clock);
    const failed = expect(call).rejects.toThrow(
      "no answer of here within 45 s: its connection may be lost, and is being dialled again; what the call changes may have happened",
    );
    await Promise.resolve();
    await clock.advance(FILE_CALL_MAX_MS);
    await failed;
  });

  test("waits no longer for an environment that does not come", async () => {
    const clock = new FakeClock();
    const places = { ids: ["far"], at: (_id: string | undefined, signal?: AbortSignal) => untilAborted(signal) };
    const call = atPlace(places, { environment_id: "far" }, {}, () => Promise.reject(new Error("never")), clock);
    const failed = expect(call).rejects.toThrow("no answer of far within 45 s");
    await clock.advance(FILE_CALL_MAX_MS);
    await failed;
  });
});
