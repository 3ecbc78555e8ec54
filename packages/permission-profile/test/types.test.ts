import type { PathUri } from "@holdfast/path-uri";
import type {
  FileSystemAccessMode,
  FileSystemPath,
  FileSystemPermissions,
  FileSystemPolicyContext,
  FileSystemSandboxContext,
  FileSystemSandboxEntry,
  FileSystemSpecialPath,
  NetworkSandboxPolicy,
  ParsedFileSystemSandboxContext,
  ParsedPermissionProfile,
  PermissionProfile,
} from "@holdfast/permission-profile";
import type {
  fileSystemAccessModeSchema,
  fileSystemPathSchema,
  fileSystemPermissionsSchema,
  fileSystemPolicyContextSchema,
  fileSystemSandboxContextSchema,
  fileSystemSandboxEntrySchema,
  fileSystemSpecialPathSchema,
  networkSandboxPolicySchema,
  permissionProfileSchema,
} from "@holdfast/permission-profile/zod";
import { describe, expectTypeOf, test } from "vitest";
import type { z } from "zod";

describe("the schemas", () => {
  test("give exactly the authored types where no path is branded", () => {
    expectTypeOf<z.output<typeof networkSandboxPolicySchema>>().toEqualTypeOf<NetworkSandboxPolicy>();
    expectTypeOf<z.output<typeof fileSystemAccessModeSchema>>().toEqualTypeOf<FileSystemAccessMode>();
    expectTypeOf<z.output<typeof fileSystemSpecialPathSchema>>().toEqualTypeOf<FileSystemSpecialPath>();
  });

  test("give values of the authored types", () => {
    expectTypeOf<z.output<typeof fileSystemPathSchema>>().toExtend<FileSystemPath>();
    expectTypeOf<z.output<typeof fileSystemSandboxEntrySchema>>().toExtend<FileSystemSandboxEntry>();
    expectTypeOf<z.output<typeof fileSystemPermissionsSchema>>().toExtend<FileSystemPermissions>();
    expectTypeOf<z.output<typeof permissionProfileSchema>>().toExtend<PermissionProfile>();
    expectTypeOf<z.output<typeof fileSystemPolicyContextSchema>>().toExtend<FileSystemPolicyContext>();
    expectTypeOf<z.output<typeof fileSystemSandboxContextSchema>>().toExtend<FileSystemSandboxContext>();
  });

  test("take every value of the authored types", () => {
    expectTypeOf<FileSystemPath>().toExtend<z.input<typeof fileSystemPathSchema>>();
    expectTypeOf<FileSystemSandboxEntry>().toExtend<z.input<typeof fileSystemSandboxEntrySchema>>();
    expectTypeOf<FileSystemPermissions>().toExtend<z.input<typeof fileSystemPermissionsSchema>>();
    expectTypeOf<PermissionProfile>().toExtend<z.input<typeof permissionProfileSchema>>();
    expectTypeOf<FileSystemPolicyContext>().toExtend<z.input<typeof fileSystemPolicyContextSchema>>();
    expectTypeOf<FileSystemSandboxContext>().toExtend<z.input<typeof fileSystemSandboxContextSchema>>();
  });

  test("leave no member of the context unread", () => {
    expectTypeOf<keyof ParsedFileSystemSandboxContext>().toEqualTypeOf<keyof FileSystemSandboxContext>();
    expectTypeOf<ParsedPermissionProfile["type"]>().toEqualTypeOf<PermissionProfile["type"]>();
  });

  test("brand the paths", () => {
    expectTypeOf<ParsedFileSystemSandboxContext["cwd"]>().toEqualTypeOf<PathUri | null | undefined>();
    expectTypeOf<ParsedFileSystemSandboxContext["workspaceRoots"]>().toEqualTypeOf<PathUri[] | undefined>();
  });
});
