import { describeBackend } from "./enforce-conformance.ts";

describeBackend({ kind: "nftables", needs: ["nft"], judges: true, holds: true });
