import { describeBackend } from "./enforce-conformance.ts";

describeBackend({ kind: "observe", needs: ["nft"], judges: false, holds: false });
describeBackend({ kind: "set-only", needs: ["nft"], judges: false, holds: true });
// As on kernels before 6.12, where an element that stands takes no new end.
describeBackend({ kind: "nftables-replace", needs: ["nft"], judges: false, holds: true });
