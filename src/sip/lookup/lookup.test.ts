import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { IpFamily } from "../../model/index.ts";
import { parseTarget, type Target } from "../target.ts";
import { lookUp } from "./lookup.ts";
import { orderSrv } from "./order.ts";
import { LookupError, type NaptrRecord, type Resolver, type SrvRecord } from "./resolver.ts";

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** Questions that fail, such as "SRV _sip._udp.example.org". */
  readonly failing?: readonly string[];
}

/** A resolver that knows one zone and keeps what it was asked. */
function fakeResolver(zone: Zone): Resolver & { readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async <T>(question: string, records: readonly T[] | undefined): Promise<readonly T[]> => {
    asked.push(question);
    if (zone.failing?.includes(question)) throw new LookupError("dns-error", question, "ESERVFAIL");
    return records ?? [];
  };
  return {
    asked,
    naptr: (name) => ask(`NAPTR ${name}`, zone.naptr?.[name]),
    srv: (name) => ask(`SRV ${name}`, zone.srv?.[name]),
    addresses: (name) =>
      ask(
        `A ${name}`,
        zone.addresses?.[name]?.map((address) => ({
          address,
          family: (address.includes(":") ? 6 : 4) as IpFamily,
        })),
      ),
  };
}

const targetOf = (text: string): Target => {
  const target = parseTarget(text);
  assert.ok(!("kind" in target), JSON.stringify(target));
  return target;
};
const srv = (name: string, port: number, priority = 0, weight = 0): SrvRecord => ({
  name,
  port,
  priority,
  weight,
});
const naptr = (
  order: number,
  preference: number,
  service: string,
  replacement: string,
  flags = "s",
): NaptrRecord => ({
  order,
  preference,
  flags,
  service,
  replacement,
});

async function found(text: string, zone: Zone, family: IpFamily | null = null) {
  const resolver = fakeResolver(zone);
  const { destinations, chain } = await lookUp(targetOf(text), { resolver, random: () => 0, family });
  return {
    places: destinations.map(({ transport, address, port }) => `${transport} ${address} ${port}`),
    asked: resolver.asked,
    chain,
  };
}

const ADDRESSES = {
  "example.org": ["192.0.2.1", "2001:db8::1"],
  "a.example.org": ["192.0.2.10"],
  "b.example.org": ["192.0.2.11", "2001:db8::b"],
};

for (const [text, place] of [
  ["sip:192.0.2.7", "udp 192.0.2.7 5060"],
  ["sip:192.0.2.7;transport=tcp", "tcp 192.0.2.7 5060"],
  ["sips:[2001:db8::7]", "tls 2001:db8::7 5061"],
  ["tls:192.0.2.7:5071", "tls 192.0.2.7 5071"],
  ["ws://192.0.2.7/sip", "ws 192.0.2.7 80"],
  ["wss://192.0.2.7:8089", "wss 192.0.2.7 8089"],
  ["2001:db8::7", "udp 2001:db8::7 5060"],
] as const) {
  test(`${text} asks no one and goes to ${place}`, async () => {
    assert.deepEqual(await found(text, {}), { places: [place], asked: [], chain: [] });
  });
}

test("a port leads to addresses alone, of both families", async () => {
  const { places, asked } = await found("sip:example.org:5080", { addresses: ADDRESSES });
  assert.deepEqual(places, ["udp 192.0.2.1 5080", "udp 2001:db8::1 5080"]);
  assert.deepEqual(asked, ["A example.org"]);
});

test("a name without a dot is looked up in the hosts file only", async () => {
  const { asked } = await found("localhost", { addresses: { localhost: ["::1", "127.0.0.1"] } });
  assert.deepEqual(asked, ["A localhost"]);
});

test("NAPTR decides the transport by order and preference, SRV the targets by priority", async () => {
  const { places, asked } = await found("sip:example.org", {
    addresses: ADDRESSES,
    naptr: {
      "example.org": [
        naptr(20, 0, "SIP+D2U", "_sip._udp.example.org"),
        naptr(10, 5, "SIP+D2S", "_sip._sctp.example.org"),
        naptr(10, 2, "sip+d2t", "_sip._tcp.other.example"),
        naptr(10, 1, "SIP+D2T", "x", "u"),
      ],
    },
    srv: { "_sip._tcp.other.example": [srv("b.example.org", 5072, 2), srv("a.example.org", 5071, 1)] },
  });
  assert.deepEqual(places, ["tcp 192.0.2.10 5071", "tcp 192.0.2.11 5072", "tcp 2001:db8::b 5072"]);
  assert.deepEqual(asked.slice(0, 2), ["NAPTR example.org", "SRV _sip._tcp.other.example"]);
});

test("without NAPTR the SRV names of the transports are asked in turn", async () => {
  const zone: Zone = { addresses: ADDRESSES, srv: { "_sip._tcp.example.org": [srv("a.example.org", 5071)] } };
  const { places, asked } = await found("sip:example.org", zone);
  assert.deepEqual(places, ["tcp 192.0.2.10 5071"]);
  assert.deepEqual(asked.slice(0, 3), [
    "NAPTR example.org",
    "SRV _sip._udp.example.org",
    "SRV _sip._tcp.example.org",
  ]);
});

test("a transport that was given skips NAPTR, and sips: never leads away from TLS", async () => {
  const given = await found("sip:example.org;transport=tls", { addresses: ADDRESSES });
  assert.deepEqual(given.asked, ["SRV _sips._tcp.example.org", "A example.org"]);
  const sips = await found("sips:example.org", {
    addresses: ADDRESSES,
    naptr: { "example.org": [naptr(1, 1, "SIP+D2U", "_sip._udp.example.org")] },
    srv: { "_sip._udp.example.org": [srv("a.example.org", 5060)] },
  });
  assert.deepEqual(sips.places, ["tls 192.0.2.1 5061", "tls 2001:db8::1 5061"]);
});

test("a name server that fails on NAPTR or SRV is stepped over and named in the chain", async () => {
  const { places, chain } = await found("sip:example.org", {
    addresses: ADDRESSES,
    failing: ["NAPTR example.org", "SRV _sip._udp.example.org"],
  });
  assert.equal(places[0], "udp 192.0.2.1 5060");
  assert.equal(chain.filter((step) => step.includes("ESERVFAIL")).length, 2);
});

test("one SRV target without an address does not hide the others", async () => {
  const zone: Zone = {
    addresses: ADDRESSES,
    srv: {
      "_sip._udp.example.org": [
        srv("gone.example.org", 5060, 1),
        srv("broken.example.org", 5060, 2),
        srv("a.example.org", 5060, 3),
      ],
    },
    failing: ["A broken.example.org"],
  };
  assert.deepEqual((await found("sip:example.org", zone)).places, ["udp 192.0.2.10 5060"]);
});

test("only one family is looked at where one was asked for", async () => {
  assert.deepEqual((await found("sip:example.org:1", { addresses: ADDRESSES }, 6)).places, [
    "udp 2001:db8::1 1",
  ]);
});

for (const [name, zone, code] of [
  ["nothing at all", {}, "dns-empty"],
  [
    "a service that is not offered",
    { srv: { "_sip._udp.example.org": [srv("", 0)] }, addresses: ADDRESSES },
    "dns-empty",
  ],
  ["a DNS that fails", { failing: ["A example.org"] }, "dns-error"],
] as const satisfies readonly (readonly [string, Zone, LookupError["code"]])[]) {
  test(`${name} is ${code}`, async () => {
    await assert.rejects(
      found("sip:example.org", zone),
      (error) => error instanceof LookupError && error.code === code,
    );
  });
}

test("orderSrv() keeps every record, priorities in order, and draws by weight", () => {
  const records = fc.array(
    fc.record({ name: fc.string(), port: fc.nat(65_535), priority: fc.nat(3), weight: fc.nat(100) }),
  );
  fc.assert(
    fc.property(records, fc.double({ min: 0, max: 0.999999, noNaN: true }), (list, fraction) => {
      const ordered = orderSrv(list, () => fraction);
      assert.equal(ordered.length, list.length);
      assert.deepEqual(
        ordered.map((r) => r.priority),
        list.map((r) => r.priority).toSorted((a, b) => a - b),
      );
      assert.deepEqual(new Set(ordered), new Set(list));
    }),
  );
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const firsts = Array.from(
    { length: 4000 },
    () => orderSrv([srv("heavy", 1, 0, 75), srv("light", 1, 0, 25)], random)[0]!.name,
  );
  const share = firsts.filter((name) => name === "heavy").length / firsts.length;
  assert.ok(share > 0.7 && share < 0.8, `heavy came first in ${share}`);
});
