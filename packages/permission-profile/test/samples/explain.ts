import { parsePathUri } from "@holdfast/path-uri";
import {
  bindContext,
  fileSystemPolicyOf,
  parseFileSystemSandboxContext,
  prepare,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";

const context = parseFileSystemSandboxContext({
  permissions: workspaceWriteProfile(),
  cwd: "file:///repo",
  workspaceRoots: ["file:///repo"],
  windowsSandboxLevel: "disabled",
});
const binding = bindContext(context, { convention: "posix", slashTmp: parsePathUri("file:///tmp") });
const resolver = prepare(fileSystemPolicyOf(context.permissions), binding);

for (const path of ["file:///repo/src", "file:///repo/.git/config", "file:///etc/hosts", "file:///tmp/.codex/x"]) {
  const { access, rule } = resolver.accessOf(parsePathUri(path));
  process.stdout.write(`${access}\t${path}\t${rule.kind}\n`);
}
