import { FakeClock } from "@holdfast/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Door } from "../../src/admission/door.ts";

const system = vi.hoisted(() => ({ tells: true }));
vi.mock("../../src/admission/admission.ts", async (original) => ({
  ...(await original<typeof import("../../src/admission/admission.ts")>()),
  canTellPeersApart: () => system.tells,
}));

const NOBODY_ELSE = { otherLocalUsers: false, otherMachines: false };
const EVERYBODY = { otherLocalUsers: true, otherMachines: false };

afterEach(() => {
  system.tells = true;
});

describe("an executor's door", () => {
  test("is no hindrance to commands while it is shut, or where it can be watched", () => {
    const door = new Door(new FakeClock());
    door.begin()();
    door.open(NOBODY_ELSE);
    door.begin()();
  });

  test("does not open for one user where the system does not tell users apart", () => {
    system.tells = false;
    const door = new Door(new FakeClock());
    expect(() => door.open(NOBODY_ELSE)).toThrow(/does not tell which user/);
    door.begin()();
  });

  test("lets no confined command have a network where it is open and can't be watched", () => {
    system.tells = false;
    const door = new Door(new FakeClock());
    door.open(EVERYBODY);
    const refusal = { name: "SandboxError", code: "unenforceable", message: expect.stringContaining("--listen stdio") };
    expect(() => door.begin()).toThrow(expect.objectContaining(refusal));
    system.tells = true;
    door.open(EVERYBODY);
    expect(() => door.begin()).toThrow(expect.objectContaining(refusal));
  });

  test("opens for one user where only a secret or the system's own lock tells who may come in", async () => {
    system.tells = false;
    const near = { local: { address: "127.0.0.1", port: 1 }, remote: { address: "127.0.0.1", port: 2 } };
    const far = { local: { address: "198.51.100.1", port: 1 }, remote: { address: "198.51.100.2", port: 2 } };
    const door = new Door(new FakeClock());
    const bySecret = door.open({ ...NOBODY_ELSE, asksForSecret: true });
    expect(await bySecret.judge(near)).toEqual({ kind: "admitted", name: "a client with the secret on this machine" });
    expect(await bySecret.judge(far)).toMatchObject({ kind: "refused" });
    // A confined command does not know it.
    door.begin()();
    const byOwner = door.open({ ...NOBODY_ELSE, transport: "unix" });
    expect(await byOwner.judge({ descriptor: 9 })).toEqual({ kind: "admitted", name: "a client on the unix socket" });
    expect(() => door.begin()).toThrow("serves without a token");
    const byAnybody = new Door(new FakeClock()).open({ otherLocalUsers: true, otherMachines: true });
    expect(await byAnybody.judge(near)).toMatchObject({ kind: "admitted" });
    expect(await byAnybody.judge(far)).toMatchObject({ kind: "admitted" });
  });
});
