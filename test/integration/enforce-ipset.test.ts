import { describeBackend } from "./enforce-conformance.ts";

describeBackend({ kind: "ipset", needs: ["ipset", "iptables", "nft"], judges: true, holds: true });
