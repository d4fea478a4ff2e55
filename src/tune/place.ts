// The place where a plan is carried out and taken back.

import type { Owner, Runner } from "./journal.ts";
import type { NamespaceMark } from "./namespace.ts";
import type { Tree } from "./tree.ts";

export interface TunePlace {
  readonly tree: Tree;
  /** Put before the paths of /etc; empty for this machine's own. */
  readonly root: string;
  /** Where /proc is. */
  readonly proc: string;
  readonly stateDir: string;
  /** The network namespace that is tuned. */
  readonly namespace: NamespaceMark;
  /** The owner of new files. */
  readonly owner: Owner;
  /** This process. */
  readonly runner: Runner;
  /** Whether the process of an apply still runs. */
  readonly isRunning: (runner: Runner) => boolean;
}

export interface ApplyOptions {
  /** RFC 3339, UTC. */
  readonly now: string;
  /** False in a namespace that no boot sets up: its values are set, and no file would set them again. */
  readonly writeSettingsFile: boolean;
}
