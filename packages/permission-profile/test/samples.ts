/** A profile like the one that real clients send for workspace writing, as JSON gives it. */
export const workspaceWriteProfile = {
  type: "managed",
  network: "restricted",
  file_system: {
    type: "restricted",
    glob_scan_max_depth: 4,
    entries: [
      { path: { type: "special", value: { kind: "root" } }, access: "read" },
      { path: { type: "special", value: { kind: "project_roots" } }, access: "write" },
      { path: { type: "special", value: { kind: "slash_tmp" } }, access: "write" },
      { path: { type: "special", value: { kind: "tmpdir" } }, access: "write" },
      {
        path: { type: "special", value: { kind: "project_roots", subpath: ".git" } },
        access: "read",
        missing_path_behavior: "skip",
      },
      { path: { type: "path", path: "file:///srv/app/secrets" }, access: "deny" },
      { path: { type: "glob_pattern", pattern: "**/*.pem" }, access: "deny" },
      { path: { type: "special", value: { kind: "minimal" } }, access: "read" },
      { path: { type: "special", value: { kind: "unknown", path: ":later", subpath: null } }, access: "read" },
    ],
  },
};

/** A context with every member. */
export const fullContext = {
  permissions: workspaceWriteProfile,
  cwd: "file:///srv/app",
  workspaceRoots: ["file:///srv/app", "file:///srv/lib"],
  policyContext: { cwd: null, workspaceRoots: ["file:///srv/app"] },
  userHomeDir: "file:///home/me",
  temporaryDirectories: ["file:///tmp"],
  windowsSandboxLevel: "mxc",
  windowsSandboxPrivateDesktop: true,
  windowsSandboxProxySettingsMode: "preserve",
  sandboxOverride: "noOverride",
  useLegacyLandlock: false,
};
