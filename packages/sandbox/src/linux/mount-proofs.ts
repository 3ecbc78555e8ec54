import type { MountProof, PinnedPlace } from "../launch-plan.ts";
import type { FileFacts, FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { EMPTY_DEVICE, type Placement } from "./mount-list.ts";
import { parentOf } from "./native-path.ts";

/** What makes sure that a plan comes true. */
export interface PlanProofs {
  readonly proofs: readonly MountProof[];
  readonly pinned: readonly PinnedPlace[];
}

/**
 * What every mount must be like once it is made: made for the files as they are now, and for no others.
 *
 * @throws SandboxError `unenforceable` for a place that is gone already.
 */
export function planProofs(placements: readonly Placement[], files: FileView): PlanProofs {
  const proofs: MountProof[] = [];
  const pinned: PinnedPlace[] = [];
  for (const { path, kind, access } of placements) {
    if (kind === "cover folder") {
      proofs.push({ path, isReadOnly: true, covers: deviceAt(path, files) });
      continue;
    }
    const { device, inode, bornNs } = factsOf(kind === "cover file" ? EMPTY_DEVICE : path, files);
    proofs.push({ path, isReadOnly: access !== "write", shows: { device, inode } });
    if (kind === "show") pinned.push({ path, identity: { device, inode, bornNs } });
  }
  return { proofs, pinned };
}

/** Of what is there, or will be made there so that it can be covered. */
function deviceAt(path: string, files: FileView): bigint {
  return (files.factsOf(path) ?? factsOf(parentOf(path), files)).device;
}

function factsOf(path: string, files: FileView): FileFacts {
  const facts = files.factsOf(path);
  if (facts !== undefined) return facts;
  throw new SandboxError("unenforceable", `${path} went away while the sandbox was planned`);
}
