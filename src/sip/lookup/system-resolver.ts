// The resolver of this machine. NAPTR and SRV by its name servers; addresses by getaddrinfo, since only that reads the
// hosts file and nsswitch.conf, as the clients' own look-ups do.

import dns from "node:dns/promises";
import type { IpFamily } from "../../model/index.ts";
import { LookupError, type Resolver } from "./resolver.ts";

/** One query takes 2 s at most, and is asked twice: a dead name server must not use up the time of a probe. */
const QUERY = { timeout: 2000, tries: 2 } as const;

/** c-ares' and getaddrinfo's words for "there is no such record". */
const ABSENT = new Set(["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA"]);

/** `servers` (`address:port`) answer NAPTR and SRV in place of the machine's own. */
export function systemResolver(servers: readonly string[] | null = null): Resolver {
  const resolver = new dns.Resolver(QUERY);
  if (servers !== null) resolver.setServers(servers);
  return {
    naptr: (name) =>
      answered(`NAPTR ${name}`, async () => (await resolver.resolveNaptr(name)).map(withCleanNaptr)),
    srv: (name) => answered(`SRV ${name}`, () => resolver.resolveSrv(name)),
    addresses: (name) =>
      answered(`address of ${name}`, async () =>
        (await dns.lookup(name, { all: true })).map(({ address, family }) => ({
          address,
          family: family as IpFamily,
        })),
      ),
  };
}

async function answered<T>(operation: string, ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    if (ABSENT.has(code)) return [];
    throw new LookupError("dns-error", operation, code, error);
  }
}

function withCleanNaptr(record: Awaited<ReturnType<dns.Resolver["resolveNaptr"]>>[number]) {
  const { order, preference, flags, service, replacement } = record;
  return { order, preference, flags, service, replacement };
}
