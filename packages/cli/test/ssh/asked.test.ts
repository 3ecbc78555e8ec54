import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { missingForSsh, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { BIN, Cli } from "../support/cli.ts";
import { farBox } from "../support/far-box.ts";

const PASSPHRASE = "open sesame";

test.runIf(missingForSsh.length === 0)(
  "who sits at a terminal is asked for the passphrase of a key, and what is typed after it goes to the command",
  { timeout: 60_000 },
  async () => {
    await using folder = await tempDir();
    const key = folder.join("key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", key]);
    const config = [`IdentityFile ${key}`, "IdentityAgent none"];
    await using box = await farBox("sshd", {
      client: { config },
      authorized: [readFileSync(`${key}.pub`, "utf8").trim()],
    });
    const command = `'${process.execPath}' '${BIN}' exec -- sh -c 'echo ready; read -r line; echo "got $line"; exit 5'`;
    // The terminal is one that another command has made; its own executor is inside it.
    const { HOLDFAST_SSH: ssh = "", HOLDFAST_URL: url = "" } = box.env;
    const args = [
      "exec",
      "--tty",
      "--env",
      `HOLDFAST_SSH=${ssh}`,
      "--env",
      `HOLDFAST_URL=${url}`,
      "--",
      "sh",
      "-c",
      command,
    ];
    await using cli = new Cli(args, { stdin: "open-pipe" });
    const shows = (text: string) => until(() => cli.stdout.toString().includes(text), { deadlineMs: 30_000 });
    await shows("Enter passphrase for key");
    cli.child.stdin?.write(`${PASSPHRASE}\r`);
    await shows("ready");
    cli.child.stdin?.write("hello\r");
    await shows("got hello");
    expect(await cli.result()).toMatchObject({ code: 5 });
    expect(cli.stdout.toString()).not.toContain(PASSPHRASE);
  },
);
