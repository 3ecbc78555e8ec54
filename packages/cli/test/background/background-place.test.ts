import { expect, test } from "vitest";
import { backgroundPlace } from "../../src/background/background-place.ts";
import { programUrl } from "../../src/executor/program-url.ts";

const NONE = { token: undefined };

function wayOf(
  url: URL | string,
  env: Record<string, string> = {},
  credentials: { token?: string | undefined } = NONE,
) {
  return backgroundPlace({ url: new URL(url), credentials }, { XDG_STATE_HOME: "/state", ...env });
}

test("an executor on this machine has no background connection, unless one is wanted for all", () => {
  for (const url of ["ws://127.0.0.1:7", "ws://localhost:7", "ws://[::1]:7", "unix:///run/a.sock"]) {
    expect(wayOf(url)).toBeUndefined();
    expect(wayOf(url, { HOLDFAST_BACKGROUND: "always" })).toBeDefined();
  }
  for (const url of ["ws://10.0.0.1:7", "wss://localhost:7", "ssh://box"]) {
    expect(wayOf(url)?.socket).toMatch(/^\/state\/holdfast\/run\/line-[0-9a-f]{24}$/);
    expect(wayOf(url, { HOLDFAST_BACKGROUND: "0" })).toBeUndefined();
  }
});

test("what leads elsewhere, or in as somebody else, is another way", () => {
  const docker = programUrl("docker exec -i box holdfast proxy");
  const ways = [
    wayOf("ssh://box"),
    wayOf("ssh://box:2222"),
    wayOf("ssh://box", { SSH_AUTH_SOCK: "/a" }),
    wayOf("ssh://box", { HOLDFAST_SSH: "ssh -F here" }),
    wayOf("ssh://box", { HOLDFAST_SSH: "ssh -F here", WHERE: "there" }),
    wayOf("wss://box"),
    wayOf("wss://box", {}, { token: "one" }),
    wayOf("wss://box", {}, { token: "two" }),
    wayOf(docker),
    wayOf(docker, { DOCKER_HOST: "ssh://other" }),
  ].map((place) => place?.way);
  expect(new Set(ways).size).toBe(ways.length);
  expect(wayOf("ssh://box", { TERM: "xterm" })?.way).toBe(wayOf("ssh://box", { TERM: "vt100" })?.way);
  expect(wayOf(docker, { SHLVL: "1" })?.way).toBe(wayOf(docker, { SHLVL: "2" })?.way);
});

test("the name of a socket has nothing of a token", () => {
  const [one, two] = ["one", "two"].map((token) => wayOf("wss://box", { HOLDFAST_TOKEN: token }, { token }));
  expect(one?.socket).toBe(two?.socket);
});

test("it runs where its way may depend on the folder, and else where it keeps nothing busy", () => {
  const docker = programUrl("docker exec -i box holdfast proxy");
  for (const far of [wayOf(docker), wayOf("ssh://box", { HOLDFAST_SSH: "./my-ssh" })]) {
    expect(far?.folder).toBe(process.cwd());
  }
  for (const far of [wayOf("ssh://box"), wayOf("wss://box")]) expect(far?.folder).toBe("/");
});
