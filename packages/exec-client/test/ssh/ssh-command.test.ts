import { expect, test } from "vitest";
import { sshCommand } from "../../src/ssh/ssh-command.ts";

const asked = { command: ["ssh", "-F", "file"], script: "script", interactive: false };

test("ssh is told who, where and what, to ask nobody, and to forward nothing", () => {
  const destination = { host: "box", user: "me", port: "2222" };
  expect(sshCommand({ ...asked, destination }).join(" ")).toBe(
    "ssh -F file -T -e none -o ClearAllForwardings=yes -o RemoteCommand=none -o BatchMode=yes -l me -p 2222 box script",
  );
});

test("what the URL leaves out is left to the configuration, and somebody who is there may be asked", () => {
  const destination = { host: "box", user: undefined, port: undefined };
  const words = sshCommand({ ...asked, destination, interactive: true });
  expect(words.slice(0, 4)).toEqual(["sh", "-c", 'trap "" INT QUIT; exec "$@"', "sh"]);
  expect(words.slice(4).join(" ")).toBe(
    "ssh -F file -T -e none -o ClearAllForwardings=yes -o RemoteCommand=none box script",
  );
});
