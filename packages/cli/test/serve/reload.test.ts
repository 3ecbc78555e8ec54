import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import {
  CLIENT_CERTIFICATE,
  SERVER_CERTIFICATE,
  STRANGER_CERTIFICATE,
  TEST_CA,
  tempDir,
  until,
} from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, lines, serve } from "../support/cli.ts";

async function serving(
  text: string,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const folder = await tempDir();
  const config = folder.join("holdfast.toml");
  await writeFile(folder.join("token"), "first\n", { mode: 0o600 });
  await writeFile(config, text);
  for (const [name, content] of Object.entries(files)) await writeFile(folder.join(name), content, { mode: 0o600 });
  const server = await serve({ args: ["--config", config], env });
  return {
    server,
    folder,
    /** Write another text, say so, and wait for the record of what came of it. */
    async change(next: string, said: string) {
      const before = server.stderr.split(said).length;
      await writeFile(config, next);
      server.child.kill("SIGHUP");
      await until(() => server.stderr.split(said).length > before);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const READ_ANEW = "were read anew";

describe("SIGHUP to serve --config", () => {
  test("changes the level and the format of the log, and nothing is lost", async () => {
    await using rig = await serving("[log]\nlevel = 'info'\n");
    await rig.change("[log]\nlevel = 'info'\nformat = 'json'\n", READ_ANEW);
    expect(JSON.parse(lines(rig.server.stderr).at(-1) ?? "")).toMatchObject({ level: "info" });
    await rig.change("[log]\nlevel = 'warn'\n[limits]\nmaxProcesses = 9\n", "count from the next start on");
    const before = rig.server.stderr;
    expect((await holdfast(["exec", "--url", rig.server.url, "--", "echo", "on"])).stdout.toString()).toBe("on\n");
    expect(rig.server.stderr).toBe(before);
  });

  test("says which settings it can't change while it serves", async () => {
    await using rig = await serving("[log]\nlevel = 'info'\n");
    const more =
      "listen = 'ws://127.0.0.1:7999'\nallow-other-local-users = true\nspool.directory = 's'\nlimits.maxProcesses = 9\nlog.level = 'info'\n";
    await rig.change(more, "count from the next start on");
    expect(rig.server.stderr).toContain('settings=["listen","limits","spool","who may connect"]');
    expect((await holdfast(["exec", "--url", rig.server.url, "--", "true"])).code).toBe(0);
  });

  test("keeps everything as it is where the file is wrong, and says what is", async () => {
    await using rig = await serving("[log]\nlevel = 'info'\n");
    await rig.change("[log]\nlevel = 'loud'\n", "could not be read anew");
    expect(rig.server.stderr).toMatch(
      / error the settings could not be read anew, .* reason="log\.level \(.*holdfast\.toml:2\) must be one of/,
    );
    await rig.change("[log\n", "could not be read anew");
    expect((await holdfast(["exec", "--url", rig.server.url, "--", "true"])).code).toBe(0);
    await rig.change("[log]\nlevel = 'info'\n", READ_ANEW);
  });

  test("takes a new token from there on, and the old one no more", async () => {
    const text = "auth.kind = 'capability-token'\nauth.token-file = 'token'\nlog.level = 'info'\n";
    await using rig = await serving(text);
    const canConnect = async (token: string) => {
      try {
        (await connectWebSocket(rig.server.url, { token })).destroy("seen");
        return true;
      } catch {
        return false;
      }
    };
    expect([await canConnect("first"), await canConnect("second")]).toEqual([true, false]);
    await writeFile(rig.folder.join("token"), "second\n");
    await rig.change(text, READ_ANEW);
    expect([await canConnect("first"), await canConnect("second")]).toEqual([false, true]);
    // An empty file locks nobody out and lets nobody in.
    await writeFile(rig.folder.join("token"), "");
    await rig.change(text, "could not be read anew");
    expect([await canConnect("second"), await canConnect("")]).toEqual([true, false]);
    for (const token of ["first", "second"]) expect(rig.server.stderr).not.toContain(token);
  });

  test("that takes the authority of clients away lets in nobody whom another one vouches for", async () => {
    await using machine = await tempDir();
    await writeFile(machine.join("trusted.pem"), TEST_CA);
    const files = { cert: SERVER_CERTIFICATE.cert, key: SERVER_CERTIFICATE.key, ca: STRANGER_CERTIFICATE.cert };
    const text = "log.level = 'info'\n[tls]\ncert = 'cert'\nkey = 'key'\n";
    const env = { NODE_EXTRA_CA_CERTS: machine.join("trusted.pem") };
    await using rig = await serving(`${text}client-ca = 'ca'\n`, files, env);
    const canConnect = async () => {
      try {
        const options = { ca: TEST_CA, clientCertificate: CLIENT_CERTIFICATE };
        (await connectWebSocket(rig.server.url, options)).destroy("seen");
        return true;
      } catch {
        return false;
      }
    };
    expect(await canConnect()).toBe(false);
    await rig.change(text, "count from the next start on");
    expect(rig.server.stderr).toContain('settings=["who may connect"]');
    expect(await canConnect()).toBe(false);
    await rig.change(`${text}client-ca = '${machine.join("trusted.pem")}'\n`, READ_ANEW);
    expect(await canConnect()).toBe(true);
  });

  test("hides a file from confined commands that has the secret from there on", async () => {
    const text = (name: string) => `auth.kind = 'capability-token'\nauth.token-file = '${name}'\nlog.level = 'info'\n`;
    await using rig = await serving(text("token"), { next: "the-next-token" });
    const readNext = async (token: string) => {
      await using executor = await connect(rig.server.url, { token });
      const sandbox = { write: [rig.folder.path] };
      const { stdout } = await executor.run(["cat", rig.folder.join("next")], { cwd: rig.folder.path, sandbox });
      return stdout;
    };
    expect(await readNext("first")).toBe("the-next-token");
    await rig.change(text("next"), READ_ANEW);
    expect(await readNext("the-next-token")).not.toContain("the-next-token");
  });
});

describe("a confined command of an executor with TLS", () => {
  test("does not write the authority of its clients, which would be read anew some day", async () => {
    const files = { cert: SERVER_CERTIFICATE.cert, key: SERVER_CERTIFICATE.key, ca: TEST_CA };
    await using rig = await serving("[tls]\ncert = 'cert'\nkey = 'key'\nclient-ca = 'ca'\n", files);
    const { path } = rig.folder;
    await using executor = await connect(rig.server.url, { ca: TEST_CA, clientCertificate: CLIENT_CERTIFICATE });
    const script = "for f in ca cert; do echo other >$f; mv $f elsewhere; rm -f $f; done; echo tried; touch new";
    const { stdout } = await executor.run(["sh", "-c", script], { cwd: path, sandbox: { write: [path] } });
    expect(stdout).toBe("tried\n");
    expect(existsSync(rig.folder.join("new"))).toBe(true);
    expect(await readFile(rig.folder.join("ca"), "utf8")).toBe(TEST_CA);
    expect(await readFile(rig.folder.join("cert"), "utf8")).toBe(SERVER_CERTIFICATE.cert);
  });
});
