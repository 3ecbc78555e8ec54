import { describe, expect, test } from "vitest";
import { Admission, type AdmissionSources } from "../../src/admission/admission.ts";
import type { FarSocket } from "../../src/admission/far-socket.ts";
import type { SocketHolder } from "../../src/admission/socket-holders.ts";
import type { SocketPeer } from "../../src/admission/socket-peer.ts";

const ENDS = { local: { address: "127.0.0.1", port: 1 }, remote: { address: "127.0.0.1", port: 2 } };

function of(uid: number): FarSocket {
  return { kind: "owned", uid, inode: 7 };
}

const HIDDEN: SocketHolder = { kind: "hidden", strangers: false };
const AMONG_STRANGERS: SocketHolder = { kind: "hidden", strangers: true };

interface Scene {
  readonly far?: FarSocket;
  readonly user?: number | undefined;
  readonly holder?: SocketHolder;
  readonly mayAct?: boolean;
  readonly otherLocalUsers?: boolean;
  readonly otherMachines?: boolean;
}

async function judge({
  far = of(1000),
  holder = { kind: "free", pid: 1 },
  mayAct = false,
  ...rest
}: Scene): Promise<string> {
  const { otherLocalUsers = false, otherMachines = false } = rest;
  const efforts: string[] = [];
  const sources: AdmissionSources = {
    user: () => ("user" in rest ? rest.user : 1000),
    far: async () => far,
    holder: async ({ effort }) => {
      efforts.push(effort);
      return holder;
    },
    peer: () => undefined,
  };
  const verdict = await new Admission({ otherLocalUsers, otherMachines }, { mayAct }, sources).judge(ENDS);
  expect(efforts.every((effort) => effort === (mayAct ? "all" : "first"))).toBe(true);
  return verdict.kind === "admitted" ? `admitted: ${verdict.name}` : `refused: ${verdict.reason}`;
}

describe("a listener without a token", () => {
  test.each<[string, Scene]>([
    ["its own user", {}],
    ["its own user while confined commands have a network", { mayAct: true }],
    ["its own user by way of itself", { holder: { kind: "self" } }],
    ["its own user where nobody can be confined", { holder: HIDDEN }],
    ["root", { far: of(0) }],
    ["root while confined commands have a network", { far: of(0), mayAct: true, holder: HIDDEN }],
    ["other users when told so", { far: of(1001), otherLocalUsers: true }],
    ["whoever it is when told so", { user: undefined, far: of(65_534), otherLocalUsers: true }],
    ["what others confine when told so", { holder: { kind: "confined" }, otherLocalUsers: true }],
    ["other machines when told so", { far: { kind: "elsewhere" }, otherMachines: true }],
  ])("admits %s", async (_, scene) => {
    expect(await judge(scene)).toMatch(/^admitted: /);
  });

  test.each<[string, Scene, RegExp]>([
    ["other users", { far: of(1001) }, /for user 1000, .* of user 1001; .*--allow-other-local-users/],
    ["users for root", { user: 0, far: of(1000) }, /for user 0, .* of user 1000/],
    ["anybody when it shares its id with others", { user: undefined, far: of(65_534) }, /can't tell its own user/],
    [
      "whoever has hung up already",
      { far: { kind: "orphaned" }, otherLocalUsers: true, otherMachines: true },
      /closed/,
    ],
    ["other machines", { far: { kind: "elsewhere" }, otherLocalUsers: true }, /another machine/],
    ["what it confines", { mayAct: true, holder: { kind: "confined" } }, /of a confined process/],
    [
      "what it confines though others may",
      { mayAct: true, holder: { kind: "confined" }, otherLocalUsers: true },
      /of a confined process/,
    ],
    ["itself for what it confines", { mayAct: true, holder: { kind: "self" } }, /of the executor itself/],
    ["whoever hides while it confines", { mayAct: true, holder: HIDDEN, otherLocalUsers: true }, /can't be told/],
    ["whoever hides where others confine", { holder: AMONG_STRANGERS }, /can't be told/],
    ["what others confine", { holder: { kind: "confined" } }, /sandbox or container.*--allow-other-local-users/],
  ])("refuses %s, in one line", async (_, scene, reason) => {
    const verdict = await judge(scene);
    expect(verdict).toMatch(/^refused: [^\n]+$/);
    expect(verdict).toMatch(reason);
  });
});

test("those who connected are looked at first when somebody connects", async () => {
  const known: (readonly number[])[] = [];
  let pid = 100;
  const sources: AdmissionSources = {
    user: () => 1000,
    far: async () => of(1000),
    holder: async ({ acquaintances = [] }) => {
      known.push(acquaintances);
      return { kind: "free", pid: pid++ };
    },
    peer: () => undefined,
  };
  const admission = new Admission({ otherLocalUsers: false, otherMachines: false }, { mayAct: false }, sources);
  for (let count = 0; count < 20; count += 1) await admission.judge(ENDS);
  pid = 110;
  await admission.judge(ENDS);
  await admission.judge(ENDS);
  expect(known.slice(0, 3)).toEqual([[], [100], [101, 100]]);
  expect(known.at(-1)).toHaveLength(16);
  expect(known.at(-1)?.slice(0, 3)).toEqual([110, 119, 118]);
});

describe("a unix socket", () => {
  const judgePeer = async (
    peer: SocketPeer | undefined,
    { mayAct = false, otherLocalUsers = false, user = (): number | undefined => 1000 } = {},
  ): Promise<string> => {
    const never = (): never => {
      throw new Error("not asked for a unix socket");
    };
    const sources: AdmissionSources = { user, far: never, holder: never, peer: () => peer };
    const options = { otherLocalUsers, otherMachines: false, transport: "unix" } as const;
    const verdict = await new Admission(options, { mayAct }, sources).judge({ descriptor: 9 });
    return verdict.kind === "admitted" ? `admitted: ${verdict.name}` : `refused: ${verdict.reason}`;
  };
  const by = (uid: number, place: SocketPeer["place"]): SocketPeer => ({ uid, pid: 7, place });

  test("admits its own user's processes, whatever runs confined, and root", async () => {
    expect(await judgePeer(by(1000, "free"))).toBe("admitted: user 1000, process 7");
    expect(await judgePeer(by(1000, "free"), { mayAct: true })).toBe("admitted: user 1000, process 7");
    expect(await judgePeer(by(1000, "self"))).toBe("admitted: user 1000");
    expect(await judgePeer(by(0, "unseen"), { mayAct: true })).toBe("admitted: root");
  });

  test("admits others and what others confine when told so, but nothing that this executor may have confined", async () => {
    expect(await judgePeer(by(1001, "free"), { otherLocalUsers: true })).toBe("admitted: user 1001");
    for (const place of ["confined", "unseen", "self"] as const) {
      expect(await judgePeer(by(1000, place), { otherLocalUsers: true })).toBe("admitted: user 1000");
      expect(await judgePeer(by(1000, place), { otherLocalUsers: true, mayAct: true })).toMatch(/^refused: [^\n]+$/);
    }
  });

  test.each<[string, SocketPeer | undefined, RegExp]>([
    ["other users", by(1001, "free"), /for user 1000, .* of user 1001; .*--allow-other-local-users/],
    ["what others confine", by(1000, "confined"), /sandbox or container.*--allow-other-local-users/],
    [
      "a process that is gone, or that it can not see",
      by(1000, "unseen"),
      /can't be told: it has ended, or is outside/,
    ],
    ["whom the system does not tell", undefined, /whose connection this is can't be told/],
  ])("refuses %s", async (_, peer, reason) => {
    expect(await judgePeer(peer)).toMatch(reason);
    expect(await judgePeer(peer, { mayAct: true })).toMatch(/^refused: [^\n]+$/);
  });

  test("refuses everybody of an id that stands for many users", async () => {
    expect(await judgePeer(by(65_534, "free"), { user: () => undefined })).toMatch(/can't tell its own user/);
  });
});
