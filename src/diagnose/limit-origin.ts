// Where a process's descriptor limit comes from: LimitNOFILE of its systemd unit, and what limits.conf says, which
// applies to logins only and is where people look first.

import { type MachineRoot, readUnit } from "../linux/index.ts";
import { descriptorLimitLines, readLimitsConf, readUnitFiles } from "../settings/index.ts";
import type { LimitOrigin } from "./observation.ts";

export function readLimitOrigin(root: MachineRoot, pid: number): LimitOrigin {
  const unit = readUnit(root, pid);
  return { unit, unitLimit: unit === null ? null : unitLimit(root, unit), pamLimit: highestLoginLimit(root) };
}

/** The last LimitNOFILE= of the unit's file and its drop-ins. */
function unitLimit(root: MachineRoot, unit: string): LimitOrigin["unitLimit"] {
  const line = descriptorLimitLines(readUnitFiles(root, unit).settings).at(-1);
  return line === undefined ? null : { soft: line.soft, file: line.file };
}

/** The highest nofile that limits.conf or a file of its folder sets, for whomever. */
function highestLoginLimit(root: MachineRoot): LimitOrigin["pamLimit"] {
  const lines = readLimitsConf(root).filter(({ item }) => item === "nofile");
  const [most] = lines.toSorted((a, b) => b.value - a.value);
  return most === undefined ? null : { soft: most.value, file: most.file };
}
