// The sysctls that are read whatever the files say.

import { keysOf, SETTINGS } from "../../settings/index.ts";

export const SYSCTL_KEYS: readonly string[] = [
  ...SETTINGS.filter(({ kind }) => kind === "sysctl").flatMap(({ name }) => keysOf(name)),
  "fs.file-nr",
  "net.netfilter.nf_conntrack_count",
  "user.max_net_namespaces",
  "user.max_user_namespaces",
  "kernel.unprivileged_userns_clone",
  "kernel.apparmor_restrict_unprivileged_userns",
];
