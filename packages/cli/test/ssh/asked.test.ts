import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { missingForSsh, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { BIN, Cli } from "../support/cli.ts";
import { type FarBox, farBox, WAYS } from "../support/far-box.ts";

const PASSPHRASE = "open sesame";

/** The command line in a terminal that another command has made; its own executor is inside it. */
function inTerminal({ HOLDFAST_SSH: ssh = "", HOLDFAST_URL: url = "" }: FarBox["env"], words: string): Cli {
  const command = `'${process.execPath}' '${BIN}' ${words}`;
  const env = ["--env", `HOLDFAST_SSH=${ssh}`, "--env", `HOLDFAST_URL=${url}`];
  return new Cli(["exec", "--tty", ...env, "--", "sh", "-c", command], { stdin: "open-pipe" });
}

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
    await using cli = inTerminal(box.env, `exec -- sh -c 'echo ready; read -r line; echo "got $line"; exit 5'`);
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

test("who takes over a terminal is asked as well, and the answer is not typed into it", {
  timeout: 60_000,
}, async () => {
  await using folder = await tempDir();
  await using box = await farBox(WAYS[0] ?? "a program like ssh");
  const script = 'stty -echo; echo ready; while read -r line; do echo "<$line>"; done';
  await using agent = inTerminal(box.env, `exec --tty -- sh -c '${script}'`);
  const shows = (cli: Cli, text: string) => until(() => cli.stdout.toString().includes(text), { deadlineMs: 30_000 });
  await shows(agent, "ready");
  agent.child.stdin?.write("\r~d");
  await shows(agent, "it runs on: ");
  const [, id = ""] = /`holdfast attach (\S+)`/.exec(agent.stdout.toString()) ?? [];
  // What asks reads when everything is typed: who reads beside it has it by then.
  const ask = `printf 'Word: ' >/dev/tty; until [ -e '${folder.join("typed")}' ]; do sleep 0.02; done; read -r word </dev/tty`;
  writeFileSync(folder.join("ask"), `${ask}; printf %s "$word" >'${folder.join("word")}'; exec ${box.ssh} "$@"\n`);
  const env = { ...box.env, HOLDFAST_SSH: `sh '${folder.join("ask")}'` };
  await using person = inTerminal(env, `attach ${id} --take-over`);
  await shows(person, "Word: ");
  person.child.stdin?.write(`${PASSPHRASE}\r`);
  await shows(person, PASSPHRASE);
  writeFileSync(folder.join("typed"), "");
  await shows(person, "the input is taken");
  expect(readFileSync(folder.join("word"), "utf8")).toBe(PASSPHRASE);
  person.child.stdin?.write("hello\r");
  await shows(person, "<hello>");
  expect(person.stdout.toString()).not.toContain(`<${PASSPHRASE}>`);
  person.child.stdin?.write("~.");
  expect(await person.result()).toMatchObject({ code: 0 });
});
