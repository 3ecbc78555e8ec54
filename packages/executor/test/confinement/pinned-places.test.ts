import { spawn } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type PinnedPlace, SandboxError } from "@holdfast/sandbox";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdPlaces } from "../../src/confinement/pinned-places.ts";
import { Line } from "../wire/line.ts";
import { canConfine, literal, special, workspace, workspaceWrite } from "./sandbox.ts";

const RENAMEAT2 = process.arch === "x64" ? 316 : 276;

function placeAt(path: string): PinnedPlace {
  const { dev, ino, birthtimeNs } = lstatSync(path, { bigint: true });
  return { path, identity: { device: dev, inode: ino, bornNs: birthtimeNs } };
}

/** What this process has open below a folder. */
function openBelow(folder: string): string[] {
  const targets = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return targets.filter((target) => target.startsWith(folder)).sort();
}

describe.skipIf(process.platform !== "linux")("places that a plan was made for", () => {
  test("are held open, they and no others, until they are released", () => {
    using folder = workspace();
    mkdirSync(folder.at("a/b"), { recursive: true });
    writeFileSync(folder.at("file"), "");
    const places = [folder.at("a/b"), folder.at("file")];
    const hold = holdPlaces(places.map(placeAt), new FakeClock());
    expect(openBelow(folder.path)).toEqual(places);
    hold.release();
    hold.release();
    expect(openBelow(folder.path)).toEqual([]);
  });

  test("are let go when the command must have begun long ago, though it goes on", async () => {
    using folder = workspace();
    const clock = new FakeClock();
    const hold = holdPlaces([placeAt(folder.path)], clock);
    await clock.advance(59_999);
    expect(openBelow(folder.path)).toEqual([folder.path]);
    await clock.advance(1);
    expect(openBelow(folder.path)).toEqual([]);
    hold.release();
  });

  test.each<[string, (folder: { at(name: string): string }) => void]>([
    [
      "another folder",
      ({ at }) => {
        renameSync(at("x"), at("y"));
        mkdirSync(at("x"));
        mkdirSync(at("x/ws"));
      },
    ],
    [
      "a link to the same folder",
      ({ at }) => {
        renameSync(at("x"), at("y"));
        symlinkSync("y", at("x"));
      },
    ],
    ["nothing", ({ at }) => rmdirSync(at("x/ws"))],
  ])("let nothing start when there is %s by then, and nothing stays open", (_, swap) => {
    using folder = workspace();
    mkdirSync(folder.at("x/ws"), { recursive: true });
    const places = [placeAt(folder.path), placeAt(folder.at("x/ws"))];
    swap({ at: (name) => folder.at(name) });
    const held = () => holdPlaces(places, new FakeClock());
    expect(held).toThrow(SandboxError);
    expect(held).toThrow(new RegExp(`^${folder.at("x")}(?:/ws)? (?:was replaced while|can't be held for) the sandbox`));
    expect(openBelow(folder.path)).toEqual([]);
  });
});

describe.skipIf(!canConfine)("a workspace in a folder that commands may write", () => {
  // Who can exchange it can write in it as well, metadata included: what must not be reached by that is everything else.
  const leadsNoneOut = async (starts: number) => {
    using base = workspace();
    using outside = workspace();
    mkdirSync(base.at("x/ws/.git"), { recursive: true });
    mkdirSync(base.at("y/ws/.git"), { recursive: true });
    mkdirSync(outside.at("ws/.git"), { recursive: true });
    symlinkSync(outside.path, base.at("link"));
    symlinkSync(outside.at("ws"), base.at("link-ws"));
    await using line = await Line.ready();
    const entries = [literal(base.path, "write"), special("slash_tmp", "read")];
    const sandbox = workspaceWrite(base.at("x/ws"), entries);
    const names = ["x", "y", "link", "x/ws", "link-ws"].map((name) => `"${base.at(name)}"`).join(", ");
    const swaps = ["$x, -100, $link", "$ws, -100, $lws", "$x, -100, $y"].map(
      (pair) => `for (1, 2) { syscall(${RENAMEAT2}, -100, ${pair}, 2) }`,
    );
    // Perl, because exchanging two names takes a call that few programs make.
    const loop = `my ($x, $y, $link, $ws, $lws) = (${names}); $| = 1; print "ready\n"; for (;;) { ${swaps.join(" ")} }`;
    const swapper = spawn("perl", ["-e", loop], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await new Promise((resolve) => swapper.stdout.once("data", resolve));
      let [ran, refused] = [0, 0];
      for (let start = 0; start < starts; start += 1) {
        const id = `p${start}`;
        const script = "echo x >made; echo x >.git/made; echo ran";
        const params = { cwd: "file:///", sandbox };
        const argv = ["sh", "-c", `cd ${base.at("x/ws")} && { ${script}; }`];
        const answer = await line.start(id, argv, params).then(
          () => "started",
          () => "refused",
        );
        if (answer === "started") await line.when(() => line.isClosed(id));
        if (answer === "started" && line.text(id).includes("ran")) ran += 1;
        else refused += 1;
      }
      expect(ran + refused).toBe(starts);
    } finally {
      const closed = new Promise((resolve) => swapper.once("close", resolve));
      expect(swapper.kill("SIGKILL")).toBe(true);
      await closed;
    }
    expect(readdirSync(outside.path)).toEqual(["ws"]);
    // bubblewrap makes empty folders to mount over before anybody can look where they came to lie.
    const found = readdirSync(outside.at("ws")).filter((name) => ![".agents", ".aws", ".codex"].includes(name));
    expect(found).toEqual([".git"]);
    expect(readdirSync(outside.at("ws/.git"))).toEqual([]);
  };
  const name = "leads no command that starts out of that folder, however fast it is exchanged meanwhile: %i starts";
  test.each([20])(name, leadsNoneOut);
  test.each([80])(name, { tags: "long" }, leadsNoneOut);
});
