import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { InvalidArgumentError } from "../../src/errors.ts";
import { sshDestination } from "../../src/ssh/ssh-url.ts";

const none = { user: undefined, port: undefined };

describe("where an ssh: URL leads", () => {
  test.each([
    ["ssh://devbox", { ...none, host: "devbox" }],
    ["ssh://devbox/", { ...none, host: "devbox" }],
    ["ssh://me@devbox.example:2222", { host: "devbox.example", user: "me", port: "2222" }],
    ["ssh://dev_box-1", { ...none, host: "dev_box-1" }],
    ["ssh://me%40corp@devbox", { ...none, host: "devbox", user: "me@corp" }],
    ["ssh://[::1]:22", { host: "::1", user: undefined, port: "22" }],
    ["ssh://192.0.2.7", { ...none, host: "192.0.2.7" }],
  ])("%s", (url, destination) => {
    expect(sshDestination(new URL(url))).toEqual(destination);
  });

  test.each([
    ["ssh://-oProxyCommand=touch%20x", "no name of a host"],
    ["ssh://-oProxyCommand=x/", "no name of a host"],
    ["ssh://me@-F", "no name of a host"],
    ["ssh://-l@devbox", "no name of a user"],
    ["ssh://a%20b@devbox", "no name of a user"],
    ["ssh://%60id%60@devbox", "no name of a user"],
    ["ssh://$(id)", "no name of a host"],
    ["ssh://a;id", "no name of a host"],
    ["ssh://a%0ab", "no name of a host"],
    ["ssh://a%00", "no name of a host"],
    ["ssh://", "no name of a host"],
    ["ssh://me:secret@devbox", "a password is asked for by ssh"],
    ["ssh://devbox/path", "nothing may follow"],
    ["ssh://devbox?x", "nothing may follow"],
    ["ssh://devbox#x", "nothing may follow"],
  ])("%s is refused before anything is started, without what may be secret", async (url, why) => {
    const refusal = await connect(url).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidArgumentError);
    const { message } = refusal as Error;
    expect(message).toMatch(new RegExp(`^target must be .*${why}|^target must be a ws:`));
    expect(message).not.toContain("secret");
  });
});
