import { describeBackend, traitOf } from "./enforce-conformance.ts";

describeBackend(traitOf("observe"));
describeBackend(traitOf("set-only"));
// As on kernels before 6.12, where an existing element takes no new end.
describeBackend({ ...traitOf("set-only"), kind: "nftables-replace" });
